from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.app.drive_record import find, record, rejected_lines

DAY = """date,serial_number,model,capacity_bytes,failure,smart_5_raw,smart_187_raw,smart_194_raw
2014-01-25,1234567,ST4000DM000,4000787030016,0,8,,25.5
2014-01-25,Z305B2QN,WDC WD60EFRX,6001175126016,0,0,0,
2014-01-25,Z305B2QN,"HGST HDS5C4040ALE630, 4 TB",4000787030016,0,9007199254740993,0,
"""


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_finds_a_drive_with_its_types(tmp_path: Path, *, packed: bool, mark: str) -> None:
    content = (mark + DAY).encode()
    path = tmp_path / ("day.csv.gz" if packed else "day.csv")
    path.write_bytes(gzip.compress(content) if packed else content)
    assert find(path, "1234567", "ST4000DM000") == {
        "date": "2014-01-25",
        "serial_number": "1234567",
        "model": "ST4000DM000",
        "capacity_bytes": 4000787030016,
        "failure": 0,
        "smart_5_raw": 8,
        "smart_194_raw": 25.5,
    }
    other = find(path, "Z305B2QN", "HGST HDS5C4040ALE630, 4 TB")
    assert other is not None
    assert other["model"] == "HGST HDS5C4040ALE630, 4 TB"
    assert other["smart_5_raw"] == 9007199254740993
    assert find(path, "absent", "ST4000DM000") is None
    assert find(path, "Z305B2QN", "ST4000DM000") is None


def test_of_several_lines_the_last_that_counts(tmp_path: Path) -> None:
    path = tmp_path / "day.csv"
    days = ("2014-01-25", "2014-01-26", "2014-01-25", "2014-01-25")
    rows = "".join(f"{day},A,X,{number}\n" for number, day in enumerate(days, 2))
    path.write_text(f'date,serial_number,model,smart_5_raw\n{rows}2014-01-25,"B,X,1\n2014-01-25,A,Y,7\n')

    def line(date: str = "", rejected: frozenset[int] = frozenset()) -> object:
        found = find(path, "A", "X", date, rejected)
        return found and found["smart_5_raw"]

    assert line() == line("2014-01-25") == 5
    assert line("2014-01-26") == 3
    assert line("2014-01-25", frozenset({5})) == 4
    assert line("2014-01-27") is None
    assert (find(path, "A", "Y") or {})["smart_5_raw"] == 7, "a quote that is not closed ends with its line"


def test_the_lines_of_a_rejects_csv(tmp_path: Path) -> None:
    path = tmp_path / "day.rejects.csv"
    assert rejected_lines(path) == frozenset()
    path.write_text('line,code,reason,text\n3,repeated_drive,r,"a, ""b"""\n27,empty_line,r,\n')
    assert rejected_lines(path) == {3, 27}


@pytest.mark.parametrize("content", [b"", b"\n", b"date,model\n2014-01-25,X\n", b"\xff\xfe\x00"])
def test_a_file_without_the_drive_gives_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "day.csv"
    path.write_bytes(content)
    assert find(path, "Z305B2QN", "X") is None


@given(st.dictionaries(st.sampled_from(["serial_number", "smart_5_raw", "smart_9_raw"]), st.text()))
def test_any_row_becomes_json(row: dict[str, str]) -> None:
    body = record(row)
    assert set(body) == {name for name, text in row.items() if text.strip()}
    json.dumps(body)
