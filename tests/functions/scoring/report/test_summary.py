import copy

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.errors import TelemetryFileError
from functions.scoring.csv.parser import Rows
from functions.scoring.csv.rejects import Reject
from functions.scoring.model.manifest import read_manifest
from functions.scoring.model.risk import LEVELS
from functions.scoring.report.page.render import report_page
from functions.scoring.report.summary import failed_summary, scored_summary, summary_json
from functions.scoring.report.tally import WORST, Source, Tally
from tests.support.running_app import PROJECT
from tests.support.scores import scores_of

MANIFEST = read_manifest(PROJECT / "models" / "v2")
SOURCE = Source("a/day.csv", '"0x1"', 123)
ROW = st.tuples(
    st.floats(0, 1, width=32) | st.just(1.0), st.integers(0, 4), st.integers(0, 3), st.integers(0, 35)
)

CUT_ROWS = st.lists(st.lists(ROW | st.none(), max_size=8), max_size=5)


def tally_of(rows: list[tuple[float, int, int, int] | None], first: int) -> Tally:
    """Count lines; None is a rejected one."""
    kept = [(first + index, given) for index, given in enumerate(rows) if given is not None]
    count = len(kept)
    lines = np.array([line for line, _ in kept], dtype=np.int64)
    probability = np.array([given[0] for _, given in kept], dtype=np.float32)
    scores = scores_of(
        probability,
        [given[1] for _, given in kept],
        # a saturated probability says less than its log-odds; the order of the worst must not depend on these
        log_odds=[given[3] for _, given in kept],
        history_days=[given[3] for _, given in kept],
    )
    block = Rows(
        lines,
        np.array(
            [np.datetime64("2014-01-25") + np.timedelta64(given[2], "D") for _, given in kept],
            dtype="datetime64[D]",
        ),
        pa.array([f"S{line}" for line in lines], type=pa.string()),
        pa.array([f"ST{line % 3}" for line in lines], type=pa.string()),
        np.zeros((count, 1)),
    )
    rejects = [
        Reject(first + index, "bad_date", "", b"") for index, given in enumerate(rows) if given is None
    ]
    models = pc.dictionary_encode(block.models)
    missing = sum(given[3] == 0 for _, given in kept)
    return Tally.of_block(block, models, scores, {}, rejects, {5: missing} if missing else {})


def total(parts: list[Tally]) -> Tally:
    tally = Tally()
    for part in parts:
        tally.add(copy.deepcopy(part))
    return tally


@given(blocks=CUT_ROWS, random=st.randoms(use_true_random=False))
def test_parts_add_up_in_any_order_and_however_the_file_is_cut(blocks: list, random: object) -> None:  # type: ignore[type-arg]
    parts, line = [], 2
    for block in blocks:
        parts.append(tally_of(block, line))
        line += len(block)
    in_order = total(parts)
    shuffled = list(parts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    whole = tally_of([given for block in blocks for given in block], 2)
    half = len(shuffled) // 2
    for other in (total(shuffled), whole, total([total(shuffled[:half]), total(shuffled[half:])])):
        assert scored_summary(SOURCE, other, MANIFEST, [], []) == scored_summary(
            SOURCE, in_order, MANIFEST, [], []
        )
        assert other == in_order
        page = report_page(SOURCE, in_order, scored_summary(SOURCE, in_order, MANIFEST, [], []), MANIFEST)
        assert page == report_page(SOURCE, other, scored_summary(SOURCE, other, MANIFEST, [], []), MANIFEST)
    in_order.check()
    assert in_order.lines == line - 2
    assert sum(in_order.history_days.values()) == in_order.accepted
    assert msgspec.json.decode(msgspec.json.encode(in_order), type=Tally) == in_order


def test_the_worst_by_probability_then_by_line() -> None:
    rows = [(1.0, 3, 0, index) for index in range(WORST + 5)]
    assert [drive.line for drive in tally_of([(0.5, 0, 0, 9), *rows], 2).worst] == list(range(3, 3 + WORST))


def test_a_scored_summary() -> None:
    tally = tally_of([(0.25, 1, 0, 7), None, (0.5, 3, 1, 0)], 2)
    assert scored_summary(SOURCE, tally, MANIFEST, ["2014-01-18"], ["2014-01-25/a/day"]) == {
        "status": "scored",
        "error": None,
        "source": {"name": "a/day.csv", "etag": '"0x1"', "bytes": 123},
        "model_version": "v2",
        "lines": {"data": 3, "accepted": 2, "rejected": 1},
        "rejects": {"bad_date": 1},
        "risk": {"low": 0, "medium": 1, "high": 0, "critical": 1, "unknown": 0},
        "scope": {"trained": 2, "similar": 0, "unknown": 0},
        "missing": {"5": 1},
        "stand_ins": {},
        "dates": {"2014-01-25": 1, "2014-01-26": 1},
        "expected_failures": 0.75,
        "fleet": {
            "date": "2014-01-26",
            "drives": 1,
            "scope": {"trained": 1, "similar": 0, "unknown": 0},
            "forecast_drives": 1,
            "expected_failures": 0.5,
            "interval_95": [0, 1],
            "no_number_because": None,
        },
        "history": {
            "rows_with_history": 1,
            "days_joined": ["2014-01-18"],
            "snapshots_written": ["2014-01-25/a/day"],
        },
        "worst": [
            {
                "serial_number": "S4",
                "model": "ST1",
                "line": 4,
                "probability": 0.5,
                "risk": "critical",
                "scope": "trained",
                "reason": "",
            },
            {
                "serial_number": "S2",
                "model": "ST2",
                "line": 2,
                "probability": 0.25,
                "risk": "medium",
                "scope": "trained",
                "reason": "",
            },
        ],
        "drift": {
            "threshold": 0.2,
            "min_rows": 1000,
            "psi": dict.fromkeys(MANIFEST.histograms),
            "worst": None,
            "similar": None,
        },
    }


def test_a_failed_summary() -> None:
    document = failed_summary(
        SOURCE, TelemetryFileError("No header."), "v2", tally_of([None, (0.5, 1, 0, 0)], 2)
    )
    assert document == {
        "status": "failed",
        "error": {"code": "bad_file", "title": "The telemetry file cannot be scored", "detail": "No header."},
        "source": {"name": "a/day.csv", "etag": '"0x1"', "bytes": 123},
        "model_version": "v2",
        "lines": {"data": 2, "accepted": 0, "rejected": 2},
        "rejects": {"bad_date": 1},
    }
    data = summary_json(document)
    assert msgspec.json.decode(data) == document
    assert data.startswith(b'{\n  "status": "failed",\n')
    assert data.endswith(b"}\n")


@pytest.mark.parametrize("lost", ["lines", "accepted", "risk"])
def test_a_lost_line_is_never_passed_over(lost: str) -> None:
    tally = tally_of([(0.5, 1, 0, 0), None], 2)
    tally.check()
    if lost == "risk":
        tally.risk[LEVELS[1]] -= 1
    else:
        setattr(tally, lost, getattr(tally, lost) + 1)
    with pytest.raises(AssertionError):
        tally.check()
