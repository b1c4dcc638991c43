from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.app.drive_record import find, record

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
