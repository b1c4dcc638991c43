"""A model small enough to be trained in every test run, and real: fitted, exported, explained, registered."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from functions.scoring.model.features import Feature
from functions.scoring.model.manifest import GoldenRow, Manifest, Thresholds
from training.log_odds_model import LogOddsModel
from training.versions.explainer_file import explainer_arrays, explainer_bytes
from training.versions.export import to_onnx
from training.versions.folder_registry import register, write_version
from training.versions.golden import record_row
from training.versions.golden_telemetry import telemetry_of

ATTRIBUTES = (5, 187, 188, 197, 198, 194)
EVIDENCE = [5, 187, 188, 197, 198]
FEATURES = [
    *(Feature(name=f"smart_{a}", attribute=a, kind="value") for a in ATTRIBUTES),
    *(
        Feature(name=f"smart_{a}_change_{days}", attribute=a, kind="change", window=days)
        for a in EVIDENCE
        for days in (7, 28)
    ),
]
THRESHOLDS = Thresholds(0.065, 0.15, 0.5, {"medium": 100.0, "high": 30.0, "critical": 10.0})
ROWS = 4000


def training_rows() -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Make features like a fleet's (counts mostly zero, some missing), and failures that follow from them."""
    random = np.random.default_rng(20140125)
    shape = (ROWS, len(FEATURES))
    counts = random.poisson(0.3, size=shape) * random.integers(1, 50, size=shape)
    features = counts.astype(np.float32)
    features[:, ATTRIBUTES.index(194)] = random.normal(27, 4, size=ROWS).round()
    errors = np.log1p(features[:, [0, 1, 3]]) @ np.array([1.0, 1.5, 1.0])
    failed = (random.random(ROWS) < 1 / (1 + np.exp(4.5 - errors))).astype(np.intp)
    features[random.random(shape) < 0.2] = np.nan
    return features, failed


def linear_member() -> Pipeline:
    """The kind of linear member that can be exported and explained."""
    return Pipeline(
        [("impute", SimpleImputer()), ("scale", StandardScaler()), ("regress", LogisticRegression())]
    )


def possible(features: NDArray[np.float32], plan: Sequence[Feature]) -> NDArray[np.float32]:
    """Return rows in which no count grew by more than it is, as telemetry would have to."""
    rows = features.copy()
    values = {feature.attribute: column for column, feature in enumerate(plan) if feature.kind == "value"}
    for column, feature in enumerate(plan):
        if feature.kind == "change":
            rows[:, column] = np.minimum(rows[:, column], rows[:, values[feature.attribute]])
    return rows


def build_version(
    models: Path,
    version: str,
    model: LogOddsModel,
    features: NDArray[np.float32],
    plan: Sequence[Feature] = FEATURES,
) -> None:
    """Write and register a version as training does; *plan* names the columns of *features*."""
    rows = possible(features[:8], plan)
    golden = [
        GoldenRow(record_row(row), float(p), telemetry_of(record_row(row), plan, number))
        for number, (row, p) in enumerate(zip(rows, model.predict_proba(rows)[:, 1], strict=True))
    ]
    manifest = Manifest(
        format=1,
        version=version,
        algorithm="small model of the tests",
        horizon_days=30,
        features=list(plan),
        evidence=EVIDENCE,
        thresholds=THRESHOLDS,
        base_rate=0.001,
        metrics={"average_precision": 0.5},
        lineage={"sources": ["made up"]},
        libraries={"numpy": np.__version__},
        files={},
        golden=golden,
        drive_models=["ST4000DM000"],
    )
    arrays = explainer_arrays(model, plan)
    with warnings.catch_warnings():
        # skl2onnx gives onnx.helper numpy integers, which protobuf is about to stop taking.
        warnings.simplefilter("ignore", DeprecationWarning)
        onnx = to_onnx(model, len(plan))
    write_version(models, manifest, {"model.onnx": onnx, "explainer.npz": explainer_bytes(arrays)})
    register(models, version)


def build_models(models: Path) -> Path:
    """Write v1 (linear) and v2 (trees and linear, the champion) into a models folder."""
    features, failed = training_rows()
    linear = linear_member().fit(features, failed)
    trees = [
        HistGradientBoostingClassifier(
            max_iter=15, max_leaf_nodes=8, early_stopping=False, random_state=seed
        ).fit(features, failed)
        for seed in (1, 2)
    ]
    build_version(models, "v1", LogOddsModel([linear]), features)
    build_version(models, "v2", LogOddsModel([*trees, linear], [0.4, 0.4, 0.2], 1.1, -0.1), features)
    return models


@pytest.fixture(scope="session")
def small_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with versions v1 and v2; read it, do not change it."""
    return build_models(tmp_path_factory.mktemp("small") / "models")
