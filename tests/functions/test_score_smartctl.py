"""`python -m functions.score` on what smartctl prints."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from functions import score
from tests.support.drives import read_csv
from tests.support.smartctl_outputs import output, recorded


@pytest.mark.parametrize("name", ["day.json", "day.json.gz"])
def test_a_file(small_models: Path, tmp_path: Path, name: str) -> None:
    data = json.dumps([output("A", raw={5: 0, 197: 0}), recorded("nvme-970-evo-plus")]).encode()
    path, out = tmp_path / name, tmp_path / "out"
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    options = ("--models", small_models, "--output", out, "--history", tmp_path / "history")
    assert score.main([str(part) for part in (path, *options)]) == 0
    endings = ("csv", "rejects.csv", "report.html", "summary.json")
    assert sorted(each.name for each in out.iterdir()) == [f"day.{ending}" for ending in endings]
    scored = read_csv((out / "day.csv").read_bytes())
    assert [(line["line"], line["serial_number"]) for line in scored] == [("1", "A")]
    assert [line["code"] for line in read_csv((out / "day.rejects.csv").read_bytes())] == ["not_ata"]
    told = json.loads((out / "day.summary.json").read_bytes())
    assert told["history"]["snapshots_written"] == ["2014-01-25/day"]
