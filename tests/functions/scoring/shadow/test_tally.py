"""Parts of a file add up to the same bytes, however it is cut and in whatever order they come."""

from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.scoring.csv.parser import Rows
from functions.scoring.model.risk import LEVELS, UNKNOWN
from functions.scoring.model.scorer import Scores
from functions.scoring.shadow.tally import SHOWN, ShadowTally, raises_alarm
from tests.support.scores import scores_of

type Row = tuple[float, int, float, int, str]

LOG_ODDS = st.floats(-15, 6, width=16) | st.sampled_from([-6.75, 0.0])
RISK = st.integers(0, 4)
ROW = st.tuples(LOG_ODDS, RISK, LOG_ODDS, RISK, st.sampled_from("ABCDEFG"))
BLOCKS = st.lists(st.lists(ROW, max_size=25), max_size=6)


def scores(log_odds: list[float], risk: list[int]) -> Scores:
    values = np.array(log_odds, dtype=np.float32)
    return scores_of((1 / (1 + np.exp(-values))).tolist(), risk, log_odds=log_odds)


def tally_of(given: list[Row], first: int = 2) -> ShadowTally:
    count = len(given)
    rows = Rows(
        np.arange(first, first + count),
        np.full(count, np.datetime64("2014-01-25"), dtype="datetime64[D]"),
        pa.array([row[4] for row in given], type=pa.string()),
        pa.array(["ST"] * count, type=pa.string()),
        np.zeros((count, 1)),
    )
    champion = scores([row[0] for row in given], [row[1] for row in given])
    challenger = scores([row[2] for row in given], [row[3] for row in given])
    return ShadowTally.of_block("v3", rows, champion, challenger)


def total(parts: list[ShadowTally]) -> ShadowTally:
    whole = ShadowTally("v3")
    for part in parts:
        whole = whole.merge(part)
    return whole


def cut(blocks: list[list[Row]]) -> list[ShadowTally]:
    parts, line = [], 2
    for block in blocks:
        parts.append(tally_of(block, line))
        line += len(block)
    return parts


@given(blocks=BLOCKS, random=st.randoms(use_true_random=False), failed=st.sets(st.integers(0, 5), max_size=3))
def test_any_cut_in_any_order_gives_the_same_bytes(blocks: list[Any], random: Any, failed: set[int]) -> None:
    parts = cut(blocks)
    rows = [row for block in blocks for row in block]
    whole = total(parts)
    assert msgspec.json.encode(tally_of(rows)) == msgspec.json.encode(whole)
    parts = [
        ShadowTally("v3", failure=(index * 10 + 2, f"Error{index % 2}")) if index in failed else part
        for index, part in enumerate(parts)
    ]
    in_order = msgspec.json.encode(total(parts))
    shuffled = list(parts)
    random.shuffle(shuffled)
    half = len(shuffled) // 2
    for other in (total(shuffled), total(shuffled[half:]).merge(total(shuffled[:half]))):
        assert msgspec.json.encode(other) == in_order
    assert msgspec.json.decode(in_order, type=ShadowTally) == total(parts)


@given(blocks=BLOCKS)
def test_counts_add_up_to_the_rows(blocks: list[Any]) -> None:
    whole = total(cut(blocks))
    rows = [row for block in blocks for row in block]
    assert whole.rows == len(rows)
    assert sum(whole.bins.values()) == sum(row[1] != UNKNOWN != row[3] for row in rows)
    assert len(whole.champion_only) == min(SHOWN, sum(row[1] in (2, 3) and row[3] in (0, 1) for row in rows))
    assert len(whole.challenger_only) == min(
        SHOWN, sum(row[3] in (2, 3) and row[1] in (0, 1) for row in rows)
    )


def test_the_farthest_apart_then_by_serial_number() -> None:
    near = [(1.0, 3, 0.5, 0, f"N{index:02d}") for index in range(30)]
    far = [(1.0, 3, -4.0, 1, serial) for serial in ("Z", "A")]
    other = [(-4.0, 0, 1.0, 2, "C")]
    whole = tally_of([*near, *far, *other])
    assert [row.serial_number for row in whole.champion_only] == ["A", "Z", *(f"N{n:02d}" for n in range(8))]
    (only,) = whole.challenger_only
    assert (only.serial_number, only.model, only.line, only.date) == ("C", "ST", 34, "2014-01-25")
    assert (only.champion_risk, only.challenger_risk) == ("low", "high")
    assert (only.champion_probability, only.challenger_probability) == (0.01798621, 0.7310586)


def test_what_raises_an_alarm() -> None:
    alarms = raises_alarm(np.arange(len(LEVELS), dtype=np.int8))
    assert dict(zip(LEVELS, alarms.tolist(), strict=True)) == {
        "low": False,
        "medium": False,
        "high": True,
        "critical": True,
        "unknown": False,
    }


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_log_odds_that_are_no_number(value: float) -> None:
    with pytest.raises(FloatingPointError, match=r"\bv3\b"):
        tally_of([(0.0, 0, value, 0, "A")])


def test_parts_of_two_challengers_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\bv3\b.*\bv4\b"):
        ShadowTally("v4").merge(ShadowTally("v3"))
