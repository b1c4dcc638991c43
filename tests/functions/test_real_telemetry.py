"""Whole files of Backblaze through the command, with the committed models."""

from pathlib import Path

import msgspec
import pytest

from functions import score
from tests.real_data import FAILURES_2025, WHOLE_DAY_2014, needs_real_data
from tests.support.drives import read_csv

pytestmark = [pytest.mark.slow, needs_real_data]


@pytest.mark.parametrize(("path", "drives"), [(WHOLE_DAY_2014, 27_587), (FAILURES_2025, 1_061)])
def test_every_drive_is_scored(path: Path, drives: int, tmp_path: Path) -> None:
    history = tmp_path / "history"
    assert score.main([str(path), "--output", str(tmp_path), "--history", str(history)]) == 0
    summary = msgspec.json.decode((tmp_path / f"{path.stem}.summary.json").read_bytes())
    assert summary["lines"] == {"data": drives, "accepted": drives, "rejected": 0}
    assert sum(summary["risk"].values()) == drives
    assert sum(summary["dates"].values()) == drives
    rows = read_csv((tmp_path / f"{path.stem}.csv").read_bytes())
    assert [int(row["line"]) for row in rows] == list(range(2, drives + 2))
    with path.open() as file:
        first = next(file).strip().split(",").index("serial_number")
        assert [row["serial_number"] for row in rows] == [line.split(",")[first] for line in file]
    assert all(row["scope"] == "unknown" or 0 <= float(row["probability"]) <= 1 for row in rows)
    assert all(row["reason_1"] for row in rows if row["risk"] in {"high", "critical"})
    written = {f"{day}/{path.stem}" for day in summary["dates"]}
    assert set(summary["history"]["snapshots_written"]) == written
