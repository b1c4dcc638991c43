"""smartctl's JSON to telemetry columns; the real outputs go through the app in test_online.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.errors import NoAtaAttributesError
from functions.scoring.online.request_parser import read_drive
from functions.scoring.smart import ATTRIBUTES
from functions.scoring.smartctl import telemetry_of
from functions.scoring.telemetry import Fault

OUTPUTS = Path(__file__).parents[2] / "data" / "smartctl"


def output(stem: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((OUTPUTS / f"{stem}.json").read_text(encoding="utf-8"))
    return found


def test_columns_and_paths() -> None:
    fields, paths = telemetry_of(output("hitachi-HDS721050DLE630-failing"))
    assert fields["date"] == "2021-11-16"
    assert (fields["serial_number"], fields["model"]) == ("MSK423Y20S3HBC", "Hitachi HDS721050DLE630")
    assert fields["capacity_bytes"] == 500107862016
    assert (fields["smart_5_raw"], fields["smart_196_raw"], fields["smart_197_raw"]) == (1975, 3831, 8)
    assert fields["smart_194_raw"] == 167504969753  # 25 °C, with the least and the most in the upper bytes
    assert "smart_3_raw" not in fields
    assert paths["smart_5_raw"] == "ata_smart_attributes.table[4].raw.value"
    assert read_drive(fields, tuple(ATTRIBUTES), []) is not None


def test_temperatures_are_decoded() -> None:
    for stem, celsius in (("seagate-ST3500418AS", 32), ("hgst-HUS724020ALE640", 26), ("wdc-WD20EFRX", 34)):
        fields, _ = telemetry_of(output(stem))
        assert fields["smart_194_raw"] % 256 == celsius


@pytest.mark.parametrize(
    ("stem", "printed"), [("samsung-970-evo-plus-nvme", "NVMe"), ("seagate-ST4000NM0043-scsi", "SCSI")]
)
def test_other_drives(stem: str, printed: str) -> None:
    with pytest.raises(NoAtaAttributesError, match=f"'{printed}'.*ata_smart_attributes"):
        telemetry_of(output(stem))


def test_what_smartctl_itself_said_is_passed_on() -> None:
    message = "/dev/sdz: Unable to detect device type"
    document = {"smartctl": {"messages": [{"string": message, "severity": "error"}], "exit_status": 1}}
    with pytest.raises(NoAtaAttributesError, match=f"'{message}'"):
        telemetry_of(document)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "ata_smart_attributes": st.fixed_dictionaries(
                {
                    "table": st.lists(
                        st.fixed_dictionaries({}, optional={"id": JSON | st.just(5), "raw": JSON}) | JSON
                    )
                    | JSON
                }
            ),
            "local_time": st.fixed_dictionaries({"time_t": JSON}),
            "device": JSON,
            "smartctl": st.fixed_dictionaries({"messages": JSON}),
            "serial_number": JSON,
            "model_name": JSON,
        },
    )
)
def test_any_json_is_read_or_refused(document: dict[str, Any]) -> None:
    try:
        fields, _ = telemetry_of(document)
    except NoAtaAttributesError as error:
        assert len(error.detail) < 600  # noqa: PT017
        return
    faults: list[Fault] = []
    assert (read_drive(fields, (5, 187), faults) is None) == bool(faults)
