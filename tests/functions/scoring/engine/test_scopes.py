"""Files of drives of every scope: nothing that is unknown enters a sum, and ranges add up to the file."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.errors import TelemetryFileError
from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.model.manifest import Histogram
from functions.scoring.model.risk import LEVELS
from functions.scoring.model.scope import SCOPES
from functions.scoring.model.scorer import Scorer
from functions.scoring.report.page.render import report_page
from functions.scoring.report.tally import Source
from tests.support.drives import Scored, row, score, table
from tests.support.in_ranges import score_in_ranges
from tests.support.other_manifests import CALIBRATED, with_manifest

MODELS = ("ST4000DM000", "ATA ST4000DM000-1F21", "WDC WD30EFRX-68EUZN0", "CT500MX500SSD1", "a drive")
DRIVES = st.lists(
    st.tuples(
        st.sampled_from(MODELS),
        st.sampled_from(["2014-01-25", "2014-01-26"]),
        st.fixed_dictionaries(
            {
                f"smart_{attribute}_raw": st.sampled_from(["", "0", "3", "60"])
                for attribute in (5, 187, 197, 198)
            }
        ),
    ),
    max_size=24,
)


@pytest.fixture(scope="module", params=["bare", "calibrated"])
def scorer(request: pytest.FixtureRequest, scorer: Scorer) -> Scorer:
    """The small model without a calibration for similar drives, and with one."""
    counts = {
        feature.name: Histogram([0.0, 1.0, 100.0], [900, 100], 10)
        for feature in scorer.model.manifest.features
    }
    similar = CALIBRATED if request.param == "calibrated" else None
    if similar is not None:
        similar = type(similar)(similar.calibration, similar.thresholds, None, counts)
    return with_manifest(scorer, similar=similar, stand_ins={197: 198}, histograms=counts)


def rows_of(drives: list[Any]) -> bytes:
    return table([row(f"S{index}", date, model, **raw) for index, (model, date, raw) in enumerate(drives)])


def check_sums(found: Scored, scorer: Scorer) -> None:
    """Compare the summary with what its scored CSV adds up to."""
    lines, summary = found.rows(), found.summary
    assert "NaN" not in json.dumps(summary)
    assert "nan" not in found.scored.decode()
    for line in lines:
        assert (line["scope"] == "unknown") == (line["risk"] == "unknown") == (line["probability"] == "")
        assert line["scope"] != "unknown" or not line["reason_1"]
    counted = {"trained", *(["similar"] if scorer.similar is not None else [])}
    assert summary["scope"] == {scope: sum(line["scope"] == scope for line in lines) for scope in SCOPES}
    assert summary["risk"] == {level: sum(line["risk"] == level for line in lines) for level in LEVELS}
    expected = sum(float(line["probability"]) for line in lines if line["scope"] in counted)
    assert summary["expected_failures"] == pytest.approx(expected, abs=1e-3)
    for scope, drift in (("trained", found.tally.drift), ("similar", found.tally.similar_drift)):
        for bins in drift.values():
            assert sum(bins) == summary["scope"][scope]
        assert bool(drift) == (scope in counted and summary["scope"][scope] > 0)
    known = sorted((-float(line["probability"]), int(line["line"])) for line in lines if line["probability"])
    assert [(-drive["probability"], drive["line"]) for drive in summary["worst"]] == known[:10]
    fleet = summary["fleet"]
    if fleet is None:
        assert not lines
        return
    today = [line for line in lines if line["date"] == fleet["date"]]
    assert fleet["drives"] == len(today)
    assert fleet["scope"] == {scope: sum(line["scope"] == scope for line in today) for scope in SCOPES}
    assert fleet["forecast_drives"] == sum(line["scope"] in counted for line in today)
    assert (fleet["expected_failures"] is None) == (fleet["interval_95"] is None)
    assert (fleet["expected_failures"] is None) == (fleet["no_number_because"] is not None)
    assert (fleet["expected_failures"] is None) == (2 * fleet["forecast_drives"] < len(today))
    if fleet["expected_failures"] is not None:
        there = sum(float(line["probability"]) for line in today if line["scope"] in counted)
        assert fleet["expected_failures"] == pytest.approx(there, abs=1e-3)
        assert math.isfinite(sum(fleet["interval_95"]))
    histogram = found.tally.days[fleet["date"]].histogram
    assert sum(histogram) == sum(line["probability"] != "" for line in today)


@given(drives=DRIVES, range_bytes=st.integers(60, 400))
@settings(max_examples=40)
def test_ranges_add_up_to_the_file_and_the_file_to_its_rows(
    scorer: Scorer, drives: list[Any], range_bytes: int
) -> None:
    data = rows_of(drives)
    whole = score(CsvEngine(scorer), data)
    check_sums(whole, scorer)
    parts = score_in_ranges(scorer, data, range_bytes)
    assert (parts.scored, parts.summary, parts.tally) == (whole.scored, whole.summary, whole.tally)
    source = Source("day.csv", "1", len(data))
    manifest = scorer.model.manifest
    page = report_page(source, whole.tally, whole.summary, manifest)
    assert page == report_page(source, parts.tally, parts.summary, manifest)
    assert b">nan" not in page.lower()


def test_a_challenger_that_knows_other_drives(scorer: Scorer) -> None:
    """Drives one model knows nothing of are compared by level alone."""
    challenger = with_manifest(scorer, version="v9", drive_models=["WDC WD30EFRX"], stand_ins={})
    drives = [
        (model, "2014-01-25", {"smart_5_raw": 60, "smart_187_raw": 60, "smart_197_raw": pending})
        for model in MODELS
        for pending in ("", "60")
    ]
    data = rows_of(drives)
    whole = score(CsvEngine(scorer, challenger=challenger), data)
    compared = whole.summary["challenger"]
    assert compared["status"] == "compared"
    assert compared["rows"] == len(drives)
    assert sum(sum(levels.values()) for levels in compared["risk"].values()) == len(drives)
    known = [drive for drive in compared["drives"] if None in drive["champion"].values()]
    assert known == []
    assert score_in_ranges(scorer, data, 200, challenger=challenger).summary == whole.summary


def test_a_file_that_has_the_stand_in_alone_can_be_scored(scorer: Scorer) -> None:
    model = with_manifest(scorer, stand_ins={197: 10})
    file = (
        b"date,serial_number,model,smart_10_raw\n2014-01-25,S1,ST4000DM000,60\n2014-01-25,S2,ST4000DM000,\n"
    )
    found = score(CsvEngine(model), file).rows()
    assert [line["scope"] for line in found] == ["trained", "unknown"]
    with pytest.raises(TelemetryFileError, match="smart_10_raw"):
        score(CsvEngine(model), file.replace(b"smart_10_raw", b"smart_9_raw"))


def test_scored_lines_have_the_missing_attributes(scorer: Scorer) -> None:
    raw = {"smart_5_raw": "", "smart_187_raw": "", "smart_197_raw": "", "smart_198_raw": "8"}
    found = score(CsvEngine(scorer), table([row("S1", **raw), row("S2"), row("S3", **raw)]))
    lines = found.rows()
    assert [line["missing"] for line in lines] == ["5 187 197", "", "5 187 197"]
    assert Counter(line["scope"] for line in lines) == {"trained": 3}
    assert len(np.unique([line["probability"] for line in lines])) == 2
