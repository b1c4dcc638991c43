from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import msgspec
import pytest

from functions.scoring.model.manifest import Manifest, read_manifest
from training.tracking import record

FOLDER = Path(__file__).parents[3] / "models" / "v2"


@pytest.fixture
def manifest() -> Manifest:
    return read_manifest(FOLDER)


@pytest.fixture
def evaluation() -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode((FOLDER / "evaluation.json").read_bytes())
    return found


def test_parameters_are_the_protocol_and_the_hyperparameters(
    manifest: Manifest, evaluation: dict[str, Any]
) -> None:
    found = record.parameters(manifest, evaluation)
    chosen = evaluation["search"]["chosen"]
    assert found["trees/leaves"] == str(chosen["leaves"])
    assert float(found["trees/rate"]) == chosen["rate"]
    assert found["test_days"] == " to ".join(evaluation["protocol"]["periods"][0]["test"])
    assert found["features"].split(", ") == [feature.name for feature in manifest.features]
    assert float(found["threshold/high"]) == pytest.approx(manifest.thresholds.high, rel=1e-5)
    assert found["library/onnx"] == manifest.libraries["onnx"]
    evaluation["parameters"] = {"seeds": 5}
    assert record.parameters(manifest, evaluation)["given/seeds"] == "5"


def test_metrics_are_the_headline_and_every_candidates(
    manifest: Manifest, evaluation: dict[str, Any]
) -> None:
    found = record.metrics(manifest, evaluation)
    assert found["average_precision"] == manifest.metrics["average_precision"]
    assert found["prevalence"] == manifest.metrics["prevalence"]
    assert found["average_precision_95/low"] < found["average_precision"] < found["average_precision_95/high"]
    for name, figures in evaluation["candidates"].items():
        drives = figures["all_drives"]["drives"]
        assert found[f"candidates/{name}/drives/average_precision"] == drives["average_precision"]
        assert found[f"candidates/{name}/drives/prevalence"] == drives["prevalence"]
        assert f"candidates/{name}/unseen_drives/rows/ece" in found
    assert all(math.isfinite(value) for value in found.values())


def test_a_figure_that_does_not_exist_is_left_out(manifest: Manifest, evaluation: dict[str, Any]) -> None:
    drives = evaluation["candidates"]["prevalence"]["all_drives"]["drives"]
    drives |= {"average_precision": None, "roc_auc": math.nan, "flag": True}
    found = record.metrics(manifest, evaluation)
    gone = {f"candidates/prevalence/drives/{name}" for name in ("average_precision", "roc_auc", "flag")}
    assert not gone & found.keys()


def test_tags_say_how_the_figures_are_to_be_read(manifest: Manifest, evaluation: dict[str, Any]) -> None:
    found = record.tags(manifest, evaluation)
    assert found["split"] == evaluation["protocol"]["split"]
    assert found["horizon_days"] == "30"
    test = evaluation["protocol"]["parts"]["test"]
    assert f"{test['failing_drives'] / test['drives']:.4f} per drive" in found["prevalence"]
    assert found["data.sha256"] == manifest.lineage["digest"]
