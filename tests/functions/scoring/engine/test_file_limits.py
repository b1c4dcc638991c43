"""Files of too many rejects or lines: verdict, words and list of rejects, however they are read."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from functions.errors import TelemetryFileError
from functions.scoring.csv import rejects
from functions.scoring.csv.blocks import line_blocks
from functions.scoring.engine import file_limits, merge
from functions.scoring.engine.file_limits import FileLimits
from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.model.scorer import Scorer
from functions.scoring.report import tally
from functions.scoring.report.tally import Source, Tally
from tests.support.drives import HEADER, Scored, row, score, table
from tests.support.in_ranges import score_in_ranges

LISTED = 4
LINES = st.lists(
    st.sampled_from(["A", "B", "C"]).map(row)
    | st.integers(0, 10**6).map(lambda number: row(f"S{number}"))
    | st.sampled_from(["", "", "", "x", row(date="x"), '"', row("A") + "," + "y" * 60]),
    max_size=60,
)


@pytest.fixture
def short_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make four rejects the most that are listed, and blocks small."""
    for module in (rejects, tally, merge, file_limits):
        monkeypatch.setattr(module, "MOST_LISTED", LISTED)
    monkeypatch.setattr(line_blocks, "__defaults__", (400,))


def verdict(run: Scored) -> tuple[object, ...]:
    return run.summary, run.scored, run.rejects


@pytest.mark.usefixtures("short_list")
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(lines=LINES, range_bytes=st.integers(30, 1_500), share=st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.0]))
@example(lines=[""] * 5, range_bytes=100, share=1.0)
@example(lines=[row("A")] * 9 + [row("B"), ""] * 3, range_bytes=400, share=1.0)
def test_one_piece_and_ranges_say_the_same(
    scorer: Scorer, lines: list[str], range_bytes: int, share: float
) -> None:
    """Fail early or late, and list some rejects or all: the counts of a run that takes any share decide."""
    data = table(lines)
    engine = CsvEngine(scorer, 1, 1.0)
    whole = score(engine, data)
    rejected = whole.summary["lines"]["rejected"]
    listed = [each for each in whole.rejected() if each["line"]]
    more = {each["code"]: int(each["reason"].split()[0]) for each in whole.rejected() if not each["line"]}
    assert len(listed) == min(LISTED, rejected)
    assert [int(each["line"]) for each in listed] == sorted(int(each["line"]) for each in listed)
    assert Counter(each["code"] for each in listed) + Counter(more) == Counter(whole.summary["rejects"])
    engine = CsvEngine(scorer, 1, share)
    if rejected > share * len(lines):
        with pytest.raises(TelemetryFileError) as of_whole:
            score(engine, data)
        with pytest.raises(TelemetryFileError) as of_ranges:
            score_in_ranges(scorer, data, range_bytes, reject_share=share)
        assert of_ranges.value.detail == of_whole.value.detail
    else:
        expected = verdict(whole)
        assert verdict(score(engine, data)) == expected
        assert verdict(score_in_ranges(scorer, data, range_bytes, reject_share=share)) == expected


def run_failing(scorer: Scorer, data: bytes, threads: int = 1) -> tuple[str, Tally, float]:
    """Score a file that fails; return why, its tally, and the share of it that was read."""
    counts, read = Tally(), 0

    def chunks() -> Iterator[bytes]:
        nonlocal read
        for start in range(0, len(data), 1_000):
            read = max(read, start)
            yield data[start : start + 1_000]

    class File:
        def __iter__(self) -> Iterator[bytes]:
            return chunks()

    with pytest.raises(TelemetryFileError) as caught:
        score_with(CsvEngine(scorer, threads), File(), len(data), counts)
    return caught.value.detail, counts, read / len(data)


def score_with(engine: CsvEngine, chunks: object, size: int, counts: Tally) -> None:
    class Nothing:
        def write(self, data: bytes, /) -> int:
            return len(data)

        def seek(self, offset: int, /) -> int:
            return offset

        def truncate(self) -> int:
            return 0

    engine.score(chunks, Source("a.csv", "1", size), Nothing(), Nothing(), None, counts)  # type: ignore[arg-type]


def test_a_file_of_line_feeds_is_refused_long_before_its_end(scorer: Scorer) -> None:
    detail, counts, read = run_failing(scorer, table([row()]) + b"\n" * 8_000_000)
    assert re.search(r"\b100,000 lines\b.* 50%.*\bline 3 \(empty_line\)", detail)
    assert read < 0.15
    assert counts == Tally()


def test_a_gzip_file_of_line_feeds_is_refused_long_before_its_end(scorer: Scorer) -> None:
    data = gzip.compress(table([]) + b"\n" * 20_000_000, 9)
    assert len(data) < 22_000
    detail, _, _ = run_failing(scorer, data)
    assert re.search(r"\b100,000 lines\b.* 50%.*\bline 2 \(empty_line\)", detail)


@pytest.mark.usefixtures("short_list")
def test_where_the_first_reject_is_not_at_the_beginning_none_is_named(scorer: Scorer) -> None:
    """Nor where drives are repeated, which no line shows by itself."""
    late = [*(row(str(number)) for number in range(9)), *[""] * 30]
    for lines in (late, [row("A")] * 9 + [row("B")] * 9):
        with pytest.raises(TelemetryFileError) as caught:
            score(CsvEngine(scorer), table(lines))
        assert "empty_line" not in caught.value.detail
        assert "(repeated_drive)" in caught.value.detail


def test_a_gzip_file_has_so_many_lines_at_most(scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_limits, "MAX_GZIP_LINES", 10)
    data = table([row(str(number)) for number in range(10)])
    assert score(CsvEngine(scorer), gzip.compress(data)).summary["lines"]["data"] == 10
    more = table([row(str(number)) for number in range(11)])
    assert score(CsvEngine(scorer), more).summary["lines"]["data"] == 11
    with pytest.raises(TelemetryFileError, match=r"\b10 lines\b"):
        score(CsvEngine(scorer), gzip.compress(more))


@given(
    accepted=st.integers(0, 50),
    rejected=st.integers(0, 200),
    left=st.integers(0, 3_000),
    share=st.floats(0, 1),
    rest=st.lists(st.booleans(), max_size=200),
)
def test_what_fails_early_would_fail_at_the_end(
    accepted: int, rejected: int, left: int, share: float, rest: list[bool]
) -> None:
    """Whatever lines follow that fit into the bytes that are left: rows of 20 bytes, and rejects of one."""
    now = Tally(lines=accepted + rejected, accepted=accepted, rejects={"empty_line": rejected})
    with pytest.MonkeyPatch.context() as patch:
        for module in (tally, file_limits):
            patch.setattr(module, "MOST_LISTED", LISTED)
        try:
            FileLimits(share, 5_000).check(now, 5_000 - left, 20)
        except tally.DamagedFileError:
            rows = min(sum(rest), left // 20)
            rejects_more = min(len(rest) - sum(rest), left - rows * 20)
            assert rejected + rejects_more > share * (accepted + rejected + rows + rejects_more)


def test_the_shortest_row_is_one(scorer: Scorer) -> None:
    """A shorter row than the parser presumes would make the bound wrong."""
    head = "date,serial_number,model,smart_5_raw"
    run = score(CsvEngine(scorer), f"{head}\n2014-01-25,S,M,\n".encode())
    assert run.summary["lines"]["accepted"] == 1
    parser = CsvEngine(scorer)._blocks.open([f"{head}\n".encode()]).parser
    assert parser.shortest_row == len("2014-01-25,S,M,\n")
    wide = CsvEngine(scorer)._blocks.open([HEADER.encode()]).parser
    assert wide.shortest_row == len("2014-01-25,S,M,,,,,,,,\n")
