"""Scored in ranges or in one piece: the same bytes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from functions.errors import TelemetryFileError
from functions.scoring.csv.blocks import BLOCK_BYTES
from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.history import snapshots
from functions.scoring.history.folder_store import FolderSnapshotStore
from functions.scoring.model.scorer import Scorer
from functions.scoring.report.summary import summary_json
from tests.functions.scoring.engine.test_whole_file import FILES
from tests.support.drives import HEADER, WORN, Scored, row, score, table
from tests.support.in_ranges import score_in_ranges


def same(mine: Scored, theirs: Scored) -> None:
    assert mine.scored == theirs.scored
    assert mine.rejects == theirs.rejects
    assert summary_json(mine.summary) == summary_json(theirs.summary)
    # What the report is made of.
    assert mine.tally == theirs.tally


@given(FILES, st.integers(1, 400))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@example(table([row("A"), row("A")]), 150)
@example(HEADER.encode(), 20)
@example(b"\n" + HEADER.encode(), 1)
def test_any_file_in_any_ranges(scorer: Scorer, engine: CsvEngine, data: bytes, range_bytes: int) -> None:
    assume(not data.startswith(b"\x1f\x8b"))
    try:
        whole = score(engine, data)
    except TelemetryFileError as error:
        with pytest.raises(TelemetryFileError, match=re.escape(error.detail)):
            score_in_ranges(scorer, data, range_bytes)
    else:
        same(score_in_ranges(scorer, data, range_bytes), whole)


@given(st.lists(st.tuples(st.sampled_from("ABCDE"), st.integers(0, 2)), max_size=14), st.integers(40, 500))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_drives_that_are_in_several_ranges(
    scorer: Scorer, engine: CsvEngine, finder: list[tuple[str, int]], range_bytes: int
) -> None:
    rows = [row(serial, date=f"2014-01-2{day}", **WORN) for serial, day in finder]
    same(score_in_ranges(scorer, table(rows), range_bytes), score(engine, table(rows)))


def test_a_line_longer_than_a_block_and_several_ranges(scorer: Scorer, engine: CsvEngine) -> None:
    data = table([row("A"), "x" * (3 * BLOCK_BYTES), row("B", **WORN)])
    for range_bytes in (BLOCK_BYTES // 2, BLOCK_BYTES, BLOCK_BYTES + 7):
        same(score_in_ranges(scorer, data, range_bytes), score(engine, data))


def test_a_large_file_with_history_and_a_challenger(
    scorer: Scorer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "HELD_ROWS", 10_000)
    rows = [row(f"S{number}", smart_5_raw=number % 60) for number in range(30_000)]
    earlier = [row(f"S{number}", date="2014-01-18") for number in range(0, 30_000, 3)]
    engine = CsvEngine(scorer, threads=2, max_reject_share=1.0, challenger=scorer)
    outcomes = []
    for place in ("whole", "ranges"):
        store = FolderSnapshotStore(tmp_path / place)
        score(engine, table(earlier), name="earlier.csv", store=store)
        data = table([*rows, "oops", row("S7", smart_5_raw=3)])
        if place == "whole":
            outcomes.append(score(engine, data, store=store))
        else:
            outcomes.append(score_in_ranges(scorer, data, 500_000, store=store, challenger=scorer))
    same(outcomes[1], outcomes[0])
    assert outcomes[0].summary["history"]["rows_with_history"] > 9_000
    whole, ranges = (
        sorted((tmp_path / place).rglob("*.arrow"), key=lambda path: path.as_posix())
        for place in ("whole", "ranges")
    )
    assert [path.name for path in ranges] == [path.name for path in whole] != []
    for mine, theirs in zip(ranges, whole, strict=True):
        assert mine.read_bytes() == theirs.read_bytes()
