"""A large file through the running app: planned, scored in ranges on several workers, made one again."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.errors import TelemetryFileError
from functions.scoring.csv.rejects import MOST_LISTED
from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.model.onnx_model import Model
from functions.scoring.model.scorer import Scorer
from functions.scoring.report.page.render import report_page
from functions.scoring.report.summary import summary_json
from functions.scoring.report.tally import Source
from tests.functions.batch.conftest import RunRanges
from tests.functions.conftest import Fleet
from tests.support.drives import WORN, read_csv, row, score, table
from tests.support.running_app import RunningAzurite

ROWS = [row(f"S{number}", smart_5_raw=number % 60) for number in range(2_000)]


@pytest.fixture(scope="module")
def engine(small_models: Path) -> CsvEngine:
    return CsvEngine(Scorer(Model.load(small_models)))


def expect(engine: CsvEngine, fleet: Fleet, data: bytes, etag: str, name: str = "big") -> None:
    """Hold the outputs against those of the file scored in one piece, apart from what history says."""
    told = fleet.summary(name, etag)
    whole = score(engine, data, name=f"{fleet.folder}/{name}.csv", etag=etag)
    assert fleet.output(f"{name}.csv") == whole.scored
    assert fleet.output(f"{name}.rejects.csv") == whole.rejects
    expected = whole.summary
    expected["history"]["snapshots_written"] = [f"2014-01-25/{fleet.folder}/{name}"]
    assert summary_json(told) == summary_json(expected)
    source = Source(f"{fleet.folder}/{name}.csv", etag, len(data))
    page = report_page(source, whole.tally, expected, engine._blocks.scorer.model.manifest)
    assert fleet.output(f"{name}.report.html") == page


def test_as_in_one_piece(run_ranges: RunRanges, fleet: Fleet, engine: CsvEngine) -> None:
    data = table([*ROWS, "oops", row("LAST", **WORN)])
    with run_ranges(workers=2) as app:
        expect(engine, fleet, data, fleet.drop("big.csv", data))
        app.wait_for(r"big\.csv: 6 ranges to score")
        app.wait_for("2001 scored, 1 rejected")


def test_drives_that_are_in_several_ranges(run_ranges: RunRanges, fleet: Fleet, engine: CsvEngine) -> None:
    data = table([*ROWS, *(row(f"S{number}", **WORN) for number in range(0, 900, 7))])
    with run_ranges() as app:
        expect(engine, fleet, data, fleet.drop("big.csv", data))
        app.wait_for("drives are in the file twice; [23] ranges again")


def test_nothing_stays_in_runs(run_ranges: RunRanges, fleet: Fleet, account: RunningAzurite) -> None:
    data = table(ROWS)
    with run_ranges() as app:
        fleet.summary("big", fleet.drop("big.csv", data))
        app.wait_for("2000 scored")
    left = account.blobs.get_container_client("runs").list_blob_names(name_starts_with=fleet.folder)
    assert list(left) == []


def test_a_damaged_file_fails_as_a_whole(run_ranges: RunRanges, fleet: Fleet) -> None:
    data = table([*ROWS, *(["oops"] * 20_000)])
    with run_ranges():
        told = fleet.summary("big", fleet.drop("big.csv", data))
    assert told["status"] == "failed"
    assert "more than 50% is taken for a damaged file" in told["error"]["detail"]
    assert "big.csv" not in fleet.outputs()


@pytest.mark.slow
def test_more_rejects_than_are_listed(run_ranges: RunRanges, fleet: Fleet, engine: CsvEngine) -> None:
    """The list ends within a range, and drives of an earlier one are repeated."""
    rows = [row(f"S{number}") for number in range(MOST_LISTED + 2_000)]
    data = table(
        [line for place, each in enumerate(rows) for line in ([each, ""] if place % 50 else [each])]
        + rows[:500]
    )
    with run_ranges(workers=2, range_bytes=len(data) // 4 + 1) as app:
        expect(engine, fleet, data, fleet.drop("big.csv", data))
        app.wait_for("again")
    listed = read_csv(fleet.output("big.rejects.csv"))
    assert [each["line"] for each in listed[MOST_LISTED:]] == [""]


def test_a_file_of_line_feeds_fails_as_in_one_piece(
    run_ranges: RunRanges, fleet: Fleet, engine: CsvEngine
) -> None:
    data = table(ROWS) + b"\n" * 400_000
    with run_ranges(range_bytes=200_000):
        told = fleet.summary("big", fleet.drop("big.csv", data))
    with pytest.raises(TelemetryFileError) as caught:
        score(engine, data)
    assert told["error"]["detail"] == caught.value.detail
    assert told["lines"] == {"data": 0, "accepted": 0, "rejected": 0}
    assert "first of them is line 2002 (empty_line)" in told["error"]["detail"]


def test_a_file_without_the_columns_fails_once(run_ranges: RunRanges, fleet: Fleet) -> None:
    with run_ranges():
        told = fleet.summary("big", fleet.drop("big.csv", b"x,y\n" + b"1,2\n" * 20_000))
    assert told["status"] == "failed"
    assert "header lacks" in told["error"]["detail"]
