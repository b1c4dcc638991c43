"""A row, or a cause: recorded drives of every kind."""

from __future__ import annotations

import json

import pytest

from collector.drives.reading import is_sata_behind_scsi, row_of
from collector.drives.unreadable import UnreadableError
from tests.collector.recorded import output_of, recording
from tests.shared_cases import case

DATE = "2026-11-30"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "hdd-exos-x16",
            {"model": "ST16000NM001G-2KK103", "serial_number": "ZL20AAAA", "smart_197_raw": "0"},
        ),
        ("hdd-wd-red", {"model": "WDC WD20EFRX-68EUZN0", "capacity_bytes": "2000398934016"}),
        ("ssd-micron-5300", {"model": "Micron_5300_MTFDDAK1T9TDS", "smart_status_passed": "true"}),
        ("nvme-970-evo-plus", {"model": "Samsung SSD 970 EVO Plus 250GB", "capacity_bytes": "250059350016"}),
        ("sas-hitachi", {"model": "HITACHI H109060SESUN600G", "smart_status_passed": "true"}),
        (
            "sas-seagate-before-7.3",
            {"model": "SEAGATE ST4000NM0043", "serial_number": "Z1Z5AAAA0000AAAAAAAA"},
        ),
        ("usb-jmicron-failing", {"model": "Hitachi HDS721050DLE630", "smart_status_passed": "false"}),
        ("sata-behind-megaraid", {"model": "WD4000FYYX", "smart_status_passed": "true"}),
    ],
)
def test_a_drive_that_was_read(name: str, expected: dict[str, str]) -> None:
    row = row_of(output_of(recording(name)), DATE)
    assert expected.items() <= row.items()
    assert row["date"] == DATE


@pytest.mark.parametrize("name", ["nvme-970-evo-plus", "sas-hitachi"])
def test_drives_without_ata_attributes_have_a_row_without_raw_values(name: str) -> None:
    assert not [column for column in row_of(output_of(recording(name)), DATE) if column.endswith("_raw")]


@pytest.mark.parametrize("name", ["hdd-exos-x16", "hdd-wd-red", "ssd-micron-5300", "usb-jmicron-failing"])
def test_raw_values_are_smartctls_own(name: str) -> None:
    output = output_of(recording(name))
    table = output.document["ata_smart_attributes"]["table"]
    expected = {f"smart_{entry['id']}_raw": str(entry["raw"]["value"]) for entry in table}
    row = row_of(output, DATE)
    assert {column: value for column, value in row.items() if column.endswith("_raw")} == expected


@pytest.mark.parametrize("value", [0, 2**48 - 1, 2**53 + 1, 2**64 - 1])
def test_a_raw_value_keeps_every_digit(value: int) -> None:
    output = output_of(recording("hdd-wd-red"))
    output.document["ata_smart_attributes"]["table"] = [{"id": 9, "raw": {"value": value}}]
    assert row_of(output, DATE)["smart_9_raw"] == str(value)


@pytest.mark.parametrize("value", [-1, 2**64, 1.5, True, None, "12", {}])
def test_what_is_no_raw_value_is_left_empty(value: object) -> None:
    output = output_of(recording("hdd-wd-red"))
    output.document["ata_smart_attributes"]["table"] = [{"id": 9, "raw": {"value": value}}, "x", {"id": 5}]
    assert not [column for column in row_of(output, DATE) if column.endswith("_raw")]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("standby", "standby"),
        ("permission", "permission"),
        ("gone", "gone"),
        ("unknown-type", "usage"),
        ("virtual-disk", "usb_bridge"),
        ("usb-bridge", "usb_bridge"),
        ("raid-controller", "raid_controller"),
        ("raid-volume", "no_smart"),
        ("no-smart", "no_smart"),
        ("smart-disabled", "smart_disabled"),
        ("not-identified", "not_identified"),
        ("sata-behind-scsi", "behind_scsi"),
    ],
)
def test_a_drive_that_was_not_read(name: str, code: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        row_of(output_of(recording(name)), DATE)
    assert caught.value.cause.code == code
    line = caught.value.line("/dev/sdx")
    assert "\n" not in line
    assert line.startswith("/dev/sdx: ")
    assert f"({code})" in line
    assert all(said in line for said in output_of(recording(name)).said)


@pytest.mark.parametrize(
    ("member", "code"), [("serial_number", "no_serial_number"), ("model_name", "no_model")]
)
@pytest.mark.parametrize("empty", ["", "  ", None])
def test_a_drive_that_does_not_say_who_it_is(member: str, code: str, empty: str | None) -> None:
    output = output_of(recording("hdd-wd-red"))
    output.document[member] = empty
    with pytest.raises(UnreadableError) as caught:
        row_of(output, DATE)
    assert caught.value.cause.code == code


def test_names_are_one_printable_line() -> None:
    output = output_of(recording("hdd-wd-red"))
    output.document["model_name"] = " WDC\n WD20\x00EFRX\t "
    assert row_of(output, DATE)["model"] == "WDC WD20 EFRX"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("05c-sata-drive-seen-as-scsi", "behind_scsi"),
        ("05d-standby", "standby"),
        ("05e-usb-bridge", "usb_bridge"),
        ("05f-health-only-ata", "no_attributes"),
        ("07a-noserial", "no_serial_number"),
        ("07b-empty-serial", "no_serial_number"),
    ],
)
def test_a_case_that_was_not_read(name: str, code: str) -> None:
    path = case(f"{name}.json")
    with pytest.raises(UnreadableError) as caught:
        row_of(output_of(path), DATE)
    assert caught.value.cause.code == code


@pytest.mark.parametrize(
    "name",
    [
        "01a-msec24hour32-ST2000NM0008",
        "02b-smart-status-failed-no-counter",
        "03a-ssd-micron5300",
        "04a-rebranded-seagate-OOS14000G",
        "05b-sas-with-defects",
    ],
)
def test_a_case_that_was_read(name: str) -> None:
    path = case(f"{name}.json")
    document = json.loads(path.read_text(encoding="utf-8"))
    row = row_of(output_of(path), DATE)
    assert row["serial_number"] == document["serial_number"]
    assert row["smart_status_passed"] == str(document["smart_status"]["passed"]).lower()
    for entry in document.get("ata_smart_attributes", {}).get("table", []):
        assert row[f"smart_{entry['id']}_raw"] == str(entry["raw"]["value"])


def test_only_a_sata_drive_is_one_behind_scsi() -> None:
    names = [path.stem for path in recording("x").parent.glob("*.json")]
    assert [name for name in names if is_sata_behind_scsi(output_of(recording(name)).document)] == [
        "sata-behind-scsi"
    ]


def test_a_sas_drive_that_is_judged_though_its_warnings_are_off() -> None:
    output = output_of(recording("sas-hitachi"))
    output.document["smart_support"] = {"available": True, "enabled": False}
    assert row_of(output, DATE)["smart_status_passed"] == "true"
