"""Any bytes in: the file fails with a sentence, or every data line comes out exactly once."""

import gzip
import io
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import strategies as st

from functions.errors import DrivecastError, TelemetryFileError
from functions.scoring.csv.blocks import BLOCK_BYTES
from functions.scoring.engine.block import _layouts
from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.model.scorer import Scorer
from functions.scoring.report.tally import Source, Tally
from tests.support.drives import HEADER, WORN, cut, row, score, table
from tests.support.other_manifests import with_manifest

CELLS = st.sampled_from(
    [
        "2014-01-25",
        "2014-02-30",
        "",
        "5",
        "5.5",
        "-1",
        "nan",
        "+5",
        '"a,b"',
        '"x',
        'x"y',
        'x"',
        '"a\nb"',
        '"\n\r\n,"',
        "\r",
        "\0",
        "é",
        "x" * 70,
    ]
)
GARBAGE = st.sampled_from(
    [b"\n", b"\r\n", b"\xff\n", b'"\n', b"a,b\n", b"\r\r\n", b"\x00\n", b" \n", b'"",\n']
)


@st.composite
def spoiled_rows(draw: st.DrawFn) -> bytes:
    """A row with some of its cells replaced."""
    cells = row(draw(st.sampled_from(["A", "B", "C"])), smart_5_raw=draw(st.integers(0, 60))).split(",")
    for index in draw(st.lists(st.integers(0, len(cells) - 1), max_size=2)):
        cells[index] = draw(CELLS)
    return ",".join(cells).encode() + draw(st.sampled_from([b"\n", b"\r\n"]))


FILES = st.one_of(
    st.binary(max_size=300),
    st.lists(spoiled_rows() | GARBAGE | st.binary(max_size=20), max_size=8).map(
        lambda lines: HEADER.encode() + b"\n" + b"".join(lines)
    ),
)


def long_table(rows: int) -> bytes:
    return table(
        row(f"Z{index:06d}", smart_5_raw=index % 50, smart_187_raw=index % 7) for index in range(rows)
    )


@pytest.mark.slow
def test_several_real_blocks_in_input_order(scorer: Scorer) -> None:
    data = long_table(40_000)
    assert len(data) > 2 * BLOCK_BYTES
    one = score(CsvEngine(scorer, 1), data)
    four = score(CsvEngine(scorer, 4), cut(data, [99_991]))
    assert one == four
    assert [int(line["line"]) for line in one.rows()] == list(range(2, 40_002))


def test_outputs(engine: CsvEngine) -> None:
    lines = [
        row("A"),
        row("B", **WORN),
        "oops",
        row("C", **dict.fromkeys(WORN, ""), smart_188_raw="", smart_198_raw=""),
    ]
    run = score(engine, table(lines))
    clean, worn, nothing = run.rows()
    assert (clean["line"], clean["risk"], clean["reason_1"]) == ("2", "low", "")
    assert (worn["line"], worn["risk"], worn["history_days"], worn["model_version"]) == (
        "3",
        "critical",
        "0",
        "v2",
    )
    assert worn["reason_1"] == "Uncorrectable errors reported to the host at 30"
    assert (nothing["risk"], nothing["reason_1"]) == ("unknown", "")
    assert run.rejected() == [
        {
            "line": "4",
            "code": "wrong_column_count",
            "reason": "the line has 1 fields, the header has 11",
            "text": "oops",
        }
    ]
    assert run.summary["risk"] == {"low": 1, "medium": 0, "high": 0, "critical": 1, "unknown": 1}
    assert run.summary["worst"][0]["serial_number"] == "B"
    assert run.summary["history"] == {"rows_with_history": 0, "days_joined": [], "snapshots_written": []}


def run_failing(engine: CsvEngine, data: bytes) -> tuple[str, Tally]:
    tally = Tally()
    with pytest.raises(TelemetryFileError) as caught:
        engine.score([data], Source("a.csv", "1", len(data)), io.BytesIO(), io.BytesIO(), None, tally)
    return caught.value.detail, tally


def test_files_that_fail_as_a_whole(engine: CsvEngine) -> None:
    """Beside those of test_bad_inputs.py."""
    run_failing(engine, gzip.compress(b""))
    assert " 1 MiB" in run_failing(engine, b"x" * (BLOCK_BYTES + 1))[0]
    assert "gzip" in run_failing(engine, gzip.compress(table([row()]))[:-9])[0]


def test_too_many_rejects(scorer: Scorer) -> None:
    engine = CsvEngine(scorer, max_reject_share=0.5)
    assert score(engine, table([row(), "x"])).summary["lines"]["rejected"] == 1
    detail, tally = run_failing(engine, table([row(), "x", "", row(date="")]))
    for found in ("3 of 4", "bad_date: 1, empty_line: 1, wrong_column_count: 1", "50%"):
        assert found in detail
    assert (tally.lines, tally.accepted) == (4, 1)


def test_what_fails_while_it_is_read_fails_the_run(engine: CsvEngine) -> None:
    class GoneError(DrivecastError):
        pass

    def chunks() -> Iterator[bytes]:
        yield long_table(40_000)
        raise GoneError("gone")

    with pytest.raises(GoneError):
        engine.score(chunks(), Source("a", "1", 1), io.BytesIO(), io.BytesIO(), None, Tally())


def test_an_output_that_cannot_be_written_fails_the_run(engine: CsvEngine) -> None:
    class Full(io.BytesIO):
        def write(self, data: object, /) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match=r"Errno 28"):
        engine.score([long_table(10)], Source("a", "1", 1), Full(), io.BytesIO(), None, Tally())


def test_layouts_are_asked_for_by_distinct_model() -> None:
    models = pa.array(["ST4000DM000", "WDC", "ST4000DM000"])
    assert _layouts(pc.dictionary_encode(models)).tolist() == [1, 0, 1]
    assert _layouts(pc.dictionary_encode(models.slice(0, 0))).tolist() == []


def test_stand_ins_are_counted_where_they_were_taken(scorer: Scorer) -> None:
    lines = (
        "date,serial_number,model,smart_5_raw,smart_10_raw,smart_197_raw",
        "2014-01-25,A,ST4000DM000,0,8,",
        "2014-01-25,B,ST4000DM000,0,8,0",
        "2014-01-25,C,ST4000DM000,0,,",
        "2014-01-25,D,Samsung SSD 860 EVO 1TB,0,8,",
    )
    found = score(CsvEngine(with_manifest(scorer, stand_ins={197: 10})), "\n".join(lines).encode() + b"\n")
    assert found.summary["scope"]["unknown"] == 2
    assert (found.summary["missing"]["197"], found.summary["stand_ins"]) == (3, {"197": 1})
