"""Drift: bins as training counted them, an index that is the textbook's, counts that add up."""

from __future__ import annotations

import math
import re

import msgspec
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.model.features import Feature, FeaturePlan
from functions.scoring.model.manifest import Manifest, ScopeCalibration, SimilarDrives, read_manifest
from functions.scoring.model.onnx_model import Model
from functions.scoring.model.scorer import Scorer
from functions.scoring.raw_values import decode
from functions.scoring.report.drift import (
    DRIFTED,
    MIN_ROWS,
    DriftCounter,
    add_counts,
    drift_line,
    drift_summary,
    stability_index,
)
from tests.real_data import ST4000DM000, WHOLE_DAY_2014, needs_real_data
from tests.support.drives import row, score, table
from tests.support.in_ranges import score_in_ranges
from tests.support.running_app import PROJECT
from training.versions.golden import histograms

MANIFEST = read_manifest(PROJECT / "models" / "v2")
VALUE = Feature("smart_5", 5, "value", transform="log1p")
CHANGE = Feature("smart_5_change_7", 5, "change", window=7, transform="log1p")


def manifest_of(values: np.ndarray, *features: Feature) -> Manifest:
    """Make a manifest whose histograms training counted, every row once."""
    counted = histograms(features, values, np.ones(len(values), dtype=np.int64))
    return msgspec.structs.replace(MANIFEST, features=list(features), histograms=counted)


def counter_of(manifest: Manifest) -> DriftCounter:
    return DriftCounter(manifest.features, manifest.histograms)


COLUMN = arrays.arrays(
    np.float32, st.integers(1, 60), elements=st.floats(-1e6, 1e6, width=32) | st.just(math.nan)
)


@given(column=COLUMN)
def test_bins_are_those_of_training(column: np.ndarray) -> None:
    manifest = manifest_of(column[:, None], VALUE)
    histogram = manifest.histograms["smart_5"]
    counts = counter_of(manifest).count(column[:, None])
    assert counts == {"smart_5": [*histogram.counts, histogram.missing]}


@given(column=COLUMN, cut=st.integers(0, 60))
def test_parts_add_up(column: np.ndarray, cut: int) -> None:
    values = column[:, None]
    counter = counter_of(manifest_of(values, VALUE))
    total: dict[str, list[int]] = {}
    for part in (values[cut:], values[:cut]):
        add_counts(total, counter.count(part))
    assert total == counter.count(values)


def test_what_training_never_saw_is_counted_at_the_ends() -> None:
    counter = counter_of(manifest_of(np.array([[1.0], [3.0]], dtype=np.float32), VALUE))
    found = counter.count(np.array([[-9], [1], [3], [4e9], [np.nan]], dtype=np.float32))["smart_5"]
    assert (found[0], found[-2], found[-1], sum(found)) == (2, 2, 1, 5)


def test_the_index_of_a_textbook() -> None:
    expected, found = [50, 30, 20], [30, 30, 40]
    by_hand = (0.3 - 0.5) * math.log(0.3 / 0.5) + (0.4 - 0.2) * math.log(0.4 / 0.2)
    assert stability_index(expected, found) == pytest.approx(by_hand)
    assert stability_index(found, expected) == pytest.approx(by_hand)
    assert stability_index(expected, [500, 300, 200]) == 0


def test_empty_bins_stay_finite() -> None:
    assert stability_index([100, 0, 0], [100, 0, 0]) == 0
    assert 5 < stability_index([100, 0, 0], [0, 100, 0]) < 20


def test_missing_values_are_a_bin_of_their_own() -> None:
    training = np.where(np.arange(4000) % 4 == 0, np.nan, 0).astype(np.float32)[:, None]
    manifest = manifest_of(training, VALUE)
    counts = counter_of(manifest).count(np.zeros((MIN_ROWS, 1), dtype=np.float32))
    reported = drift_summary(counts, {}, manifest)
    assert reported["psi"]["smart_5"] > DRIFTED
    assert reported["worst"] == {"feature": "smart_5", "psi": reported["psi"]["smart_5"]}


def test_a_fleet_without_history_has_not_drifted() -> None:
    training = np.zeros((4000, 1), dtype=np.float32)
    manifest = manifest_of(training, CHANGE)
    half = np.where(np.arange(2 * MIN_ROWS) % 2 == 0, np.nan, 0).astype(np.float32)[:, None]
    counter = counter_of(manifest)
    assert drift_summary(counter.count(half), {}, manifest)["psi"] == {"smart_5_change_7": 0.0}
    assert drift_summary(counter.count(half[2:]), {}, manifest)["psi"] == {"smart_5_change_7": None}


def test_a_small_file_is_not_compared() -> None:
    manifest = manifest_of(np.zeros((4000, 1), dtype=np.float32), VALUE)
    few = counter_of(manifest).count(np.full((MIN_ROWS - 1, 1), 9, dtype=np.float32))
    reported = drift_summary(few, {}, manifest)
    assert (reported["psi"], reported["worst"]) == ({"smart_5": None}, None)
    assert drift_line("telemetry/day.csv", {"drift": reported}) is None


def test_a_model_without_histograms_compares_nothing(scorer: Scorer) -> None:
    manifest = scorer.model.manifest
    assert manifest.histograms == {}
    counts = counter_of(manifest).count(np.zeros((3, len(manifest.features)), dtype=np.float32))
    assert counts == {}
    assert drift_summary(counts, {}, manifest)["worst"] is None


def test_the_line_is_the_one_the_alert_reads() -> None:
    psi = {"smart_5": 0.2, "smart_187": 0.31, "smart_197_change_7": 12.0, "smart_188": None}
    line = drift_line("telemetry/in a/day.csv", {"drift": {"psi": psi, "similar": None}})
    assert line == "drift: smart_197_change_7 psi 12.0000, smart_187 psi 0.3100 in telemetry/in a/day.csv"
    query = (PROJECT / "infra" / "queries" / "drift.kql").read_text()
    assert f"Index > {DRIFTED}\n" in query
    assert re.findall(r'with (".*") Features (".*") Path', query) == [('"drift: "', '" in "')]
    assert 'split(Features, ", ")' in query
    assert re.findall(r'with Attribute (".*") Index: real', query) == ['" psi "']


def test_similar_drives_are_compared_by_themselves_and_by_their_values_alone() -> None:
    training = np.zeros((4000, 1), dtype=np.float32)
    manifest = manifest_of(training, VALUE)
    similar = SimilarDrives(ScopeCalibration(), manifest.thresholds, None, manifest.histograms)
    manifest = msgspec.structs.replace(manifest, similar=similar)
    # Half of the rows lack the attribute: of drives that were trained on that is drift.
    half = np.where(np.arange(2 * MIN_ROWS) % 2 == 0, np.nan, 0).astype(np.float32)[:, None]
    counts = counter_of(manifest).count(half)
    reported = drift_summary(counts, counts, manifest)
    assert reported["psi"]["smart_5"] > DRIFTED
    assert reported["similar"]["psi"] == {"smart_5": 0.0}
    far = drift_summary({}, counter_of(manifest).count(half + 9), manifest)
    assert far["worst"] is None
    assert far["similar"]["worst"]["feature"] == "smart_5"
    line = drift_line("a.csv", {"drift": far})
    assert line is not None
    assert re.fullmatch(r"drift: similar smart_5 psi \d+\.\d{4} in a\.csv", line)


def test_only_the_rows_that_are_asked_about_are_counted() -> None:
    manifest = manifest_of(np.array([[1.0], [3.0]], dtype=np.float32), VALUE)
    values = np.array([[1], [3], [np.nan], [1]], dtype=np.float32)
    among = np.array([True, False, True, False])
    assert counter_of(manifest).count(values, among) == counter_of(manifest).count(values[among])
    assert counter_of(manifest).count(values, ~(among | ~among)) == {}


def test_a_healthier_fleet_can_be_far_away_too() -> None:
    """The number is docs/runbook.md's."""
    counts = counter_of(MANIFEST).count(np.zeros((MIN_ROWS, len(MANIFEST.features)), dtype=np.float32))
    psi = drift_summary(counts, {}, MANIFEST)["psi"]
    assert [name for name, index in psi.items() if index > DRIFTED] == ["smart_188"]
    assert psi["smart_188"] == pytest.approx(0.23, abs=0.005)


@pytest.fixture(scope="module")
def champion() -> Scorer:
    return Scorer(Model.load(PROJECT / "models", "v2"))


def test_ranges_of_a_file_say_what_the_file_says(champion: Scorer) -> None:
    data = table([row(f"S{number}", smart_5_raw=number % 9) for number in range(2 * MIN_ROWS)])
    whole = score(CsvEngine(champion), data).summary
    assert whole["drift"]["worst"]["feature"] == "smart_5"
    assert whole["drift"]["psi"]["smart_5"] > DRIFTED
    assert whole["drift"]["psi"]["smart_5_change_7"] is None
    assert score_in_ranges(champion, data, 20_000).summary == whole


def features_on(day: str) -> np.ndarray:
    """Return the champion's features of every drive on a day of the training data, without history."""
    plan = FeaturePlan(MANIFEST.features)
    scan = pl.scan_parquet(ST4000DM000).filter(pl.col("date").cast(pl.String) == day)
    raw = scan.select(f"smart_{attribute}_raw" for attribute in plan.attributes).collect()
    values = raw.cast(pl.Float64).fill_null(np.nan).to_numpy()
    return plan.matrix(decode(values, plan.attributes, np.ones(len(values), dtype=np.uint8)), {})


@needs_real_data
def test_a_day_the_model_was_trained_on_has_not_drifted() -> None:
    features = features_on("2018-03-01")
    reported = drift_summary(counter_of(MANIFEST).count(features), {}, MANIFEST)
    known = [index for index in reported["psi"].values() if index is not None]
    assert len(features) > 30_000
    assert len(known) == 4
    assert max(known) < 0.05


@needs_real_data
def test_a_fleet_of_other_drives_has(champion: Scorer) -> None:
    reported = score(CsvEngine(champion), WHOLE_DAY_2014.read_bytes()).summary["drift"]
    assert reported["worst"]["psi"] > 1
