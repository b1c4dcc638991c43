"""One drive by itself scores, to the last bit, as among others."""

import datetime as dt
import math
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from functions.scoring.model.one_row import score_lone_drive
from functions.scoring.model.scorer import Scorer, no_lap
from functions.scoring.online.forecast import Explained, forecasts, observe
from functions.scoring.online.request_parser import Drive
from functions.scoring.smart import ATTRIBUTES, PACKINGS, PACKINGS_OF_ONE, RAW_LIMIT, decode, decode_row

VALUE = st.none() | st.just(-0.0) | st.integers(0, 60).map(float) | st.integers(0, RAW_LIMIT - 1).map(float)
MODELS = st.sampled_from(["ST4000DM000", "Seagate ST8000NM0055", "HGST HMS5C4040ALE640"])
AGES = st.integers(1, 60)
KNOWN = tuple(ATTRIBUTES)


@st.composite
def drives(draw: st.DrawFn, width: int) -> Drive:
    row = st.lists(VALUE, min_size=width, max_size=width)
    history: list[tuple[int, Any]] = draw(st.lists(st.tuples(AGES, row), max_size=4))
    day = draw(st.sampled_from([dt.date(2014, 1, 25), dt.date(2014, 1, 26)]))
    return Drive(day, "Z300AAAA", draw(MODELS), draw(row), history)


@given(data=st.data(), explained=st.sampled_from(["all", "risky", "none"]))
def test_it_is_answered_as_among_others(scorer: Scorer, data: st.DataObject, explained: Explained) -> None:
    drive = data.draw(drives(len(scorer.attributes)))
    (alone,) = forecasts([drive], scorer, explained)
    first, second = forecasts([drive, drive], scorer, explained)
    assert alone == first == second


@given(data=st.data(), explained=st.sampled_from(["all", "risky", "none"]))
def test_different_drives_are_answered_as_each_alone(
    scorer: Scorer, data: st.DataObject, explained: Explained
) -> None:
    many = data.draw(st.lists(drives(len(scorer.attributes)), min_size=2, max_size=6))
    assert forecasts(many, scorer, explained) == [forecasts([one], scorer, explained)[0] for one in many]


@given(data=st.data())
def test_its_features_are_those_of_the_matrix(scorer: Scorer, data: st.DataObject) -> None:
    drive = data.draw(drives(len(scorer.attributes)))
    seen = observe([drive], scorer)
    matrix = scorer.model.plan.matrix(seen.now, seen.earlier)
    lone = score_lone_drive(drive, scorer, no_lap)
    assert lone.features.tobytes() == matrix.tobytes()
    assert lone.features.dtype == np.float32


def test_every_packing_but_whole_has_one_for_one_value() -> None:
    assert PACKINGS_OF_ONE.keys() == PACKINGS.keys() - {"whole"}


@given(raw=st.lists(VALUE, min_size=len(KNOWN), max_size=len(KNOWN)), seagate=st.booleans())
def test_a_row_is_decoded_as_a_matrix_is(raw: list[float | None], seagate: bool) -> None:
    row = decode_row(raw, KNOWN, "seagate" if seagate else "other")
    array = np.array([[math.nan if value is None else value for value in raw]])
    (expected,) = decode(array, KNOWN, np.array([seagate])).tolist()
    assert np.array(row).tobytes() == np.array(expected).tobytes()
    of_an_array = decode_row(array[0], KNOWN, "seagate" if seagate else "other")
    assert np.array(of_an_array).tobytes() == np.array(row).tobytes()
