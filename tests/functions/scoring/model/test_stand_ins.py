from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from functions.scoring.model.one_row import fill_row
from functions.scoring.model.scorer import Scorer
from functions.scoring.model.stand_ins import StandIns
from functions.scoring.online.forecast import forecasts
from functions.scoring.online.request_parser import read_drive
from tests.support.drives import record
from tests.support.other_manifests import with_manifest

STAND_INS = StandIns((5, 188, 197), {197: 198, 188: 5, 187: 10})


def test_what_is_read() -> None:
    assert STAND_INS.attributes == (5, 188, 197, 198)
    assert STAND_INS.by_attribute == {188: 5, 197: 198}


def test_without_any_nothing_is_copied() -> None:
    values = np.array([[1.0, math.nan]])
    assert StandIns((5, 197), {}).fill(values) is values


@given(st.lists(st.lists(st.sampled_from([math.nan, 0.0, 3.0]), min_size=4, max_size=4), max_size=9))
def test_a_row_is_filled_as_a_matrix_is(rows: list[list[float]]) -> None:
    filled = STAND_INS.fill(np.array(rows).reshape(len(rows), 4))
    alone = [fill_row(row, STAND_INS) for row in rows]
    assert np.array(alone).reshape(len(rows), 3).tobytes() == np.ascontiguousarray(filled).tobytes()
    for five, timeouts, pending, offline in rows:
        row = fill_row([five, timeouts, pending, offline], STAND_INS)
        np.testing.assert_array_equal(row[2], offline if math.isnan(pending) else pending)
        np.testing.assert_array_equal(row[1], five if math.isnan(timeouts) else timeouts)


def test_a_drive_is_answered_as_if_it_reported_what_its_stand_in_says(scorer: Scorer) -> None:
    """Now and in history, for a model that has no other use for the stand-in."""
    model = with_manifest(scorer, stand_ins={197: 10})
    earlier = {"date": "2014-01-18"}

    def answer(attribute: int) -> tuple[object, ...]:
        history = [{**earlier, f"smart_{attribute}_raw": 8, "smart_5_raw": 1}]
        fields = record(**{"smart_5_raw": 8, f"smart_{attribute}_raw": 40, "history": history})
        drive = read_drive(fields, model.attributes, [])
        assert drive is not None
        (found,) = forecasts([drive], model)
        assert forecasts([drive, drive], model) == [found, found]
        return found.probability, found.risk, found.stand_ins, [each.attribute for each in found.reasons]

    own, instead = answer(197), answer(10)
    assert instead[:2] == own[:2]
    assert (own[2], instead[2]) == ({}, {"197": 10})
    assert 197 in own[3]  # type: ignore[operator]
    assert [10 if each == 197 else each for each in own[3]] == instead[3]  # type: ignore[attr-defined]
