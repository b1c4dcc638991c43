from __future__ import annotations

from pathlib import Path

from ops.outputs.worst_drives import worst

HEADER = (
    "line,date,serial_number,model,probability,risk,scope,missing,reason_1,reason_2,reason_3,history_days,"
    "model_version\n"
)


def test_highest_probability_first_then_serial_number(tmp_path: Path) -> None:
    scored = tmp_path / "day.csv"
    scored.write_text(
        HEADER
        + "2,2014-01-25,C,M,0.10,low,similar,187 188,,,,0,v2\n"
        + "3,2014-01-25,B,M,0.90,critical,trained,,48 reallocated sectors,,,0,v2\n"
        + "4,2014-01-25,A,M,0.90,critical,trained,,,,,0,v2\n"
        + "5,2014-01-25,D,M,,unknown,unknown,5 197,,,,0,v2\n"
        + "6,2014-01-25,E,M,9e-05,low,trained,,,,,0,v2\n"
    )
    assert [drive.serial_number for drive in worst(scored, 3)] == ["A", "B", "C"]
    everybody = worst(scored, 99)
    assert [drive.serial_number for drive in everybody] == ["A", "B", "C", "E"]
    assert everybody[1].reason == "48 reallocated sectors"
    assert everybody[1].probability == 0.9
    assert [drive.scope for drive in everybody] == ["trained", "trained", "similar", "trained"]


def test_an_empty_fleet_has_no_worst_drive(tmp_path: Path) -> None:
    scored = tmp_path / "day.csv"
    scored.write_text(HEADER)
    assert worst(scored, 10) == []
