"""However a file is cut, into chunks, blocks or ranges, on any number of threads: the same bytes."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from functions.errors import TelemetryFileError
from functions.scoring.csv.blocks import BLOCK_BYTES, line_blocks
from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.history import snapshots
from functions.scoring.history.folder_store import FolderSnapshotStore
from functions.scoring.model.onnx_model import Model
from functions.scoring.model.scorer import Scorer
from functions.scoring.report.summary import summary_json
from tests.functions.scoring.engine.test_whole_file import FILES
from tests.support.drives import HEADER, WORN, Scored, cut, row, score, table
from tests.support.in_ranges import score_in_ranges


def same(mine: Scored, theirs: Scored) -> None:
    assert mine.scored == theirs.scored
    assert mine.rejects == theirs.rejects
    assert summary_json(mine.summary) == summary_json(theirs.summary)
    # What the report is made of.
    assert mine.tally == theirs.tally


@pytest.fixture(scope="module")
def challenger(small_models: Path) -> Scorer:
    return Scorer(Model.load(small_models, "v1"))


@st.composite
def drive_days(draw: st.DrawFn) -> bytes:
    """Make a file of few drives and dates, many of them there more than once."""
    days = st.lists(st.tuples(st.sampled_from("ABCDE"), st.integers(0, 2)), max_size=14)
    return table(row(serial, date=f"2014-01-2{day}", **WORN) for serial, day in draw(days))


@given(
    data=FILES | drive_days(),
    sizes=st.lists(st.integers(0, 50), min_size=1, max_size=3),
    range_bytes=st.integers(20, 500),
    threads=st.sampled_from([2, 4]),
    pack=st.booleans(),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@example(b"", [1], 400, 2, False)
@example(HEADER.encode(), [1], 20, 2, False)
@example(HEADER.encode() + b"\n" + b"x" * 1000, [7], 300, 2, True)
@example(table([row("A"), row("A")]), [9], 150, 2, False)
@example(b"\n" + HEADER.encode(), [1], 1, 2, False)
def test_any_file_however_it_is_cut(
    scorer: Scorer,
    challenger: Scorer,
    monkeypatch: pytest.MonkeyPatch,
    data: bytes,
    sizes: list[int],
    range_bytes: int,
    threads: int,
    pack: bool,
) -> None:
    assume(not data.startswith(b"\x1f\x8b"))
    many = CsvEngine(scorer, threads, 1.0, challenger)
    chunks = cut(gzip.compress(data) if pack else data, sizes)
    monkeypatch.setattr(line_blocks, "__defaults__", (400,))
    try:
        whole = score(CsvEngine(scorer, 1, 1.0, challenger), data)
    except TelemetryFileError as error:
        with pytest.raises(TelemetryFileError, match=re.escape(error.detail)):
            score(many, chunks)
        with pytest.raises(TelemetryFileError, match=re.escape(error.detail)):
            score_in_ranges(scorer, data, range_bytes, challenger=challenger)
        return
    count = data.count(b"\n") + (not data.endswith(b"\n")) - 1
    scored, rejected = ([int(line["line"]) for line in lines] for lines in (whole.rows(), whole.rejected()))
    assert sorted([*scored, *rejected]) == list(range(2, count + 2))
    assert (scored, rejected) == (sorted(scored), sorted(rejected))
    lines = {"data": count, "accepted": len(scored), "rejected": len(rejected)}
    assert whole.summary["lines"] == lines
    same(score_in_ranges(scorer, data, range_bytes, challenger=challenger), whole)
    other = score(many, chunks)
    other.summary["source"] = whole.summary["source"]
    same(other, whole)


def test_a_line_longer_than_a_block_and_several_ranges(scorer: Scorer, engine: CsvEngine) -> None:
    data = table([row("A"), "x" * (3 * BLOCK_BYTES), row("B", **WORN)])
    for range_bytes in (BLOCK_BYTES // 2, BLOCK_BYTES, BLOCK_BYTES + 7):
        same(score_in_ranges(scorer, data, range_bytes), score(engine, data))


@pytest.mark.slow
def test_a_large_file_with_history_and_a_challenger(
    scorer: Scorer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "HELD_ROWS", 10_000)
    rows = [row(f"S{number}", smart_5_raw=number % 60) for number in range(30_000)]
    earlier = [row(f"S{number}", date="2014-01-18") for number in range(0, 30_000, 3)]
    engine = CsvEngine(scorer, threads=2, max_reject_share=1.0, challenger=scorer)
    outcomes = []
    for index in ("whole", "ranges"):
        store = FolderSnapshotStore(tmp_path / index)
        score(engine, table(earlier), name="earlier.csv", store=store)
        data = table([*rows, "oops", row("S7", smart_5_raw=3)])
        if index == "whole":
            outcomes.append(score(engine, data, store=store))
        else:
            outcomes.append(score_in_ranges(scorer, data, 500_000, store=store, challenger=scorer))
    same(outcomes[1], outcomes[0])
    assert outcomes[0].summary["history"]["rows_with_history"] > 9_000
    whole, ranges = (
        sorted((tmp_path / index).rglob("*.arrow"), key=lambda path: path.as_posix())
        for index in ("whole", "ranges")
    )
    assert [path.name for path in ranges] == [path.name for path in whole] != []
    for mine, theirs in zip(ranges, whole, strict=True):
        assert mine.read_bytes() == theirs.read_bytes()
