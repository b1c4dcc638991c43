"""What smartctl prints, for tests: made up, and recorded from real drives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

RECORDINGS = Path(__file__).parents[1] / "collector" / "recordings"

NOON = 1_390_651_200
"""Of 2014-01-25, in UTC."""

MODELS = (
    "ST4000DM000-1F2168",
    "ST4000DM000",
    "ST2000NM0008-2F3100",
    "WDC WD40EFRX-68N32N0",
    "HGST HUS724020ALE640",
    "Micron_5300_MTFDDAK960TDS",
    "OOS14000G",
    "no such drive",
)


def output(serial: str, *, raw: Mapping[int, object] | None = None, **fields: Any) -> dict[str, Any]:
    """Make the output for a drive; *raw* is by SMART attribute, *fields* take the place of others."""
    table = [{"id": number, "raw": {"value": value}} for number, value in (raw or {}).items()]
    return {
        "device": {"name": "/dev/sda", "type": "sat", "protocol": "ATA"},
        "model_family": "Seagate Desktop HDD.15",
        "model_name": "ST4000DM000-1F2168",
        "serial_number": serial,
        "rotation_rate": 5980,
        "local_time": {"time_t": NOON},
        "ata_smart_attributes": {"table": table},
        **fields,
    }


def recorded(name: str) -> dict[str, Any]:
    """Return a recorded output."""
    found: dict[str, Any] = json.loads((RECORDINGS / f"{name}.json").read_text(encoding="utf-8"))
    return found


VALUES = (
    st.integers(0, 100)
    | st.integers(0, 2**16)
    | st.integers(0, 2**64)
    | st.sampled_from([None, -1, "7", 2.5, 9.0, 0x2D_1900_0003, 2**53 - 1])
)


@st.composite
def outputs(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the output for a drive, a few of which cannot be used."""
    attributes = draw(
        st.lists(st.sampled_from([1, 5, 9, 187, 188, 190, 194, 197, 198, 240, 241]), unique=True)
    )
    return output(
        draw(st.sampled_from(["S1", "S2", " S3 ", "S4", "ü", ""])),
        raw={attribute: draw(VALUES) for attribute in attributes},
        model_name=draw(st.sampled_from(MODELS)),
        model_family=draw(
            st.sampled_from(
                ["", None, "Seagate Exos X16", "Western Digital Red", "Some SSDs", "Seagate Barracuda"]
            )
        ),
        rotation_rate=draw(st.sampled_from([None, 0, 5400, 7200, "7200", True])),
        local_time={"time_t": draw(st.sampled_from([NOON, NOON, NOON + 86_400, 0, None, 2**70]))},
    )
