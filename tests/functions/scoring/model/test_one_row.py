"""One drive by itself scores, to the last bit, as among others and as a line of a file."""

import datetime as dt
import math
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.scoring.drive_database import drive_facts, layouts
from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.model.features import Feature, FeaturePlan
from functions.scoring.model.one_row import TABLED, feature_row, score_row
from functions.scoring.model.scope import TRAINED
from functions.scoring.model.scorer import Scorer, no_lap
from functions.scoring.online.forecast import Explained, forecasts, observe
from functions.scoring.online.request_parser import Drive
from functions.scoring.raw_values import SIX_BYTES, decode, decode_row
from functions.scoring.smart import ATTRIBUTES
from tests.functions.scoring.model.test_features import PLANS
from tests.support.drives import COLUMNS, score
from tests.support.other_manifests import CALIBRATED, with_manifest
from tests.support.small_model import training_rows

VALUE = st.none() | st.just(-0.0) | st.integers(0, 60).map(float) | st.integers(0, SIX_BYTES - 1).map(float)
MODELS = st.sampled_from(
    ["ST4000DM000", "ATA ST4000DM000-1F21", "Seagate ST8000NM0055", "HGST HMS5C4040ALE640", "CT250MX500SSD1"]
)
ROTATION_RATES = st.sampled_from([None, None, None, 0, 7200])
AGES = st.integers(1, 60)
KNOWN = tuple(ATTRIBUTES)


@st.composite
def drives(draw: st.DrawFn, width: int) -> Drive:
    row = st.lists(VALUE, min_size=width, max_size=width)
    history: list[tuple[int, Any]] = draw(st.lists(st.tuples(AGES, row), max_size=4))
    day = draw(st.sampled_from([dt.date(2014, 1, 25), dt.date(2014, 1, 26)]))
    return Drive(day, "Z300AAAA", draw(MODELS), draw(row), history, draw(ROTATION_RATES))


@pytest.fixture(scope="module", params=["plain", "calibrated"])
def scorer(request: pytest.FixtureRequest, scorer: Scorer) -> Scorer:
    """The small model; and as if it knew similar drives, with a stand-in that is no feature."""
    if request.param == "plain":
        return scorer
    return with_manifest(scorer, similar=CALIBRATED, stand_ins={197: 198, 188: 10})


@pytest.fixture(scope="module")
def engine(scorer: Scorer) -> CsvEngine:
    return CsvEngine(scorer, threads=2, max_reject_share=1.0)


@given(data=st.data(), explained=st.sampled_from(["all", "risky", "none"]))
def test_a_drive_is_answered_alike_alone_among_many_and_in_a_file(
    scorer: Scorer, engine: CsvEngine, data: st.DataObject, explained: Explained
) -> None:
    many = data.draw(st.lists(drives(len(scorer.attributes)), min_size=1, max_size=6))
    alone = [forecasts([one], scorer, explained)[0] for one in many]
    assert forecasts(many, scorer, explained) == alone
    assert forecasts(many * 2, scorer, explained) == alone * 2
    names = [f"smart_{attribute}_raw" for attribute in scorer.attributes]
    texts = [["" if value is None else f"{value:.0f}" for value in one.raw] for one in many]
    lines = [
        ",".join([str(one.date), f"Z{index}", one.model, "", "", *values])
        for index, (one, values) in enumerate(zip(many, texts, strict=True))
    ]
    file = "\n".join([",".join([*COLUMNS, *names]), *lines]).encode()
    in_file = [msgspec.structs.replace(one, history=[], rotation_rate=None) for one in many]
    answers = forecasts(in_file, scorer, "risky")
    for line, found in zip(score(engine, file).rows(), answers, strict=True):
        assert line["probability"] == ("" if found.probability is None else line["probability"])
        assert found.probability is None or float(line["probability"]) == found.probability
        assert (line["risk"], line["scope"]) == (found.risk, found.scope)
        assert line["missing"] == " ".join(map(str, found.missing))
        sentences = [line[f"reason_{number}"] for number in (1, 2, 3) if line[f"reason_{number}"]]
        assert sentences == [reason.sentence for reason in found.reasons]


@given(data=st.data())
def test_its_features_are_those_of_the_matrix(scorer: Scorer, data: st.DataObject) -> None:
    drive = data.draw(drives(len(scorer.attributes)))
    seen = observe([drive], scorer)
    fill = scorer.stand_ins.fill
    earlier = {days: fill(values) for days, values in seen.earlier.items()}
    matrix = scorer.model.plan.matrix(fill(seen.now), earlier)
    row = score_row(drive_facts(drive.model).layout, TRAINED, drive.raw, drive.history, scorer, no_lap)
    assert row.features.tobytes() == matrix.tobytes()
    assert row.features.dtype == np.float32


@given(
    raw=st.lists(VALUE, min_size=len(KNOWN), max_size=len(KNOWN)),
    layout=st.integers(0, len(layouts()) - 1),
    neighbours=st.lists(st.integers(0, len(layouts()) - 1), max_size=3),
)
def test_a_row_is_decoded_as_a_matrix_is(raw: list[float | None], layout: int, neighbours: list[int]) -> None:
    row = decode_row(raw, KNOWN, layout)
    array = np.array([[math.nan if value is None else value for value in raw]])
    of_rows = np.array([layout, *neighbours], dtype=np.uint8)
    expected = decode(np.repeat(array, len(of_rows), axis=0), KNOWN, of_rows)[0].tolist()
    assert np.array(row).tobytes() == np.array(expected).tobytes()
    of_an_array = decode_row(array[0], KNOWN, layout)
    assert np.array(of_an_array).tobytes() == np.array(row).tobytes()


COUNTS = st.integers(0, TABLED + 3).map(float) | st.just(np.nan)


@given(
    st.lists(COUNTS, min_size=2, max_size=2),
    st.none() | st.lists(COUNTS, min_size=2, max_size=2),
    st.none() | st.lists(COUNTS, min_size=2, max_size=2),
)
def test_a_row_whose_logs_are_looked_up_is_that_of_the_matrix(
    now: list[float], week: list[float] | None, month: list[float] | None
) -> None:
    plan = PLANS[1]
    earlier = {days: values for days, values in ((7, week), (28, month)) if values is not None}
    matrix = plan.matrix(np.array([now]), {days: np.array([values]) for days, values in earlier.items()})
    row = feature_row(plan, now, earlier)
    assert row.dtype == np.float32
    assert row.tobytes() == matrix.tobytes()


def test_every_looked_up_log_is_that_of_a_matrix() -> None:
    plan = FeaturePlan([Feature("x", 5, "value", transform="log1p"), Feature("y", 5, "change", 7, "log1p")])
    counts = np.arange(TABLED + 1.0)
    falls = np.full_like(counts, counts[-1])
    matrix = plan.matrix(counts[:, np.newaxis], {7: falls[:, np.newaxis]})
    rows = [feature_row(plan, [count], {7: [counts[-1]]}) for count in counts.tolist()]
    assert np.concatenate(rows).tobytes() == matrix.tobytes()


@pytest.fixture(scope="module")
def rows() -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    found: np.ndarray[tuple[int, int], np.dtype[np.float32]] = training_rows()[0][:200].astype(np.float32)
    return found


def test_each_row_scores_as_among_all(
    scorer: Scorer, rows: np.ndarray[tuple[int, int], np.dtype[np.float32]]
) -> None:
    _, among_others = scorer.model.predict(rows)
    assert len(set(among_others.tolist())) > 10
    alone = [scorer.model.predict(row[np.newaxis])[1][0] for row in rows]
    assert np.array(alone).tobytes() == among_others.tobytes()
