"""Everything a version's folder holds, made from a release and its forward test."""

from __future__ import annotations

import io
import platform
from importlib import metadata
from typing import Any

import joblib
import msgspec
import numpy as np
import numpy.typing as npt

from functions.scoring.model.explainer import Explainer
from functions.scoring.model.features import Feature
from functions.scoring.model.manifest import (
    EXPLAINER_FILE,
    MANIFEST_FORMAT,
    MODEL_FILE,
    Manifest,
    SimilarDrives,
)
from functions.scoring.smart import ERROR_ATTRIBUTES
from training.fitting.feature_sets import STAND_INS, with_ranges
from training.fitting.unique_values import DistinctValues
from training.metrics.decisions import drives_of
from training.metrics.drive_scores import SCORES_FILE, DriveScores
from training.metrics.window_scores import WINDOW_SCORES_FILE
from training.reporting.evaluation_page import PAGE_FILE, evaluation_page
from training.reporting.figures import render_figures
from training.selection.forward_test import Part, Tested, headline, levels
from training.selection.scopes import Scopes
from training.versions.explainer_file import explainer_arrays, explainer_bytes
from training.versions.export import to_onnx
from training.versions.golden import golden_rows, histograms
from training.versions.parity import ParityReport, check_parity

LIBRARIES = ("scikit-learn", "skl2onnx", "onnx", "onnxruntime", "numpy", "polars")

EVALUATION_FILE = "evaluation.json"
CARD_FILE = "card.md"
PIPELINE_FILE = "pipeline.joblib"

_EXPLAINED_ROWS = 20_000


def assemble(
    name: str,
    scopes: Scopes,
    tested: Tested,
    compared: list[Tested],
    test: Part,
    values: DistinctValues,
    evaluation: dict[str, Any],
    lineage: dict[str, Any],
    *,
    seed: int,
) -> tuple[Manifest, dict[str, bytes]]:
    """Convert a release, pass it through the parity gate and make its files.

    Parameters
    ----------
    name : str
        The version.
    scopes : Scopes
        The release, and how it answers drives of each scope.
    tested : Tested
        The same recipe's forward test.
    compared : list of Tested
        Drawn beside it.
    test : Part
        Every row of the test period.
    values : DistinctValues
        Of the rows trained on.
    evaluation : dict
        Content of evaluation.json; its ``parity`` is filled in here.

    Returns
    -------
    manifest : Manifest
        Without the digests, which `training.versions.folder_registry.write_version` adds.
    files : dict of str to bytes
        All but card.md.

    Raises
    ------
    ParityError
        ONNX Runtime, the explainer and scikit-learn do not agree.
    """
    release, candidate = scopes.release, tested.candidate
    model = release.model
    trained = release.trained_on["row"].to_numpy()
    features = with_ranges(candidate.features, values.observe(np.unique(trained)))
    shown, counts, _ = values.select(trained, features)
    counted = histograms(features, shown, counts)
    # Equal rows get equal answers, so each combination of the test period is looked at once.
    matrix, _, index = test.values.select(test.frame["row"].to_numpy(), features)
    content = to_onnx(model, len(features))
    arrays = explainer_arrays(model, features)
    explainer = Explainer(arrays)
    report = check_parity(model, content, explainer, matrix)
    evaluation["parity"] = _parity(report, test.frame.height)
    horizon = int(evaluation["protocol"]["horizon_days"])
    drives = {one.candidate.title: drives_of(test.frame, one.probability) for one in [*compared, tested]}
    figures = render_figures(
        drives,
        (test.label, tested.probability),
        levels(tested.thresholds),
        _importance(explainer, matrix, index, test.label, tested.probability, tested.thresholds.medium),
        horizon,
    )
    pickled = io.BytesIO()
    joblib.dump(model, pickled)
    attributes = {feature.attribute for feature in features}
    manifest = Manifest(
        format=MANIFEST_FORMAT,
        version=name,
        algorithm=candidate.title,
        title=f"{name}: {candidate.people or candidate.title}",
        drive_models=scopes.drive_models,
        stand_ins=STAND_INS,
        quality=release.quality,
        similar=_similar(scopes, features),
        horizon_days=horizon,
        features=features,
        evidence=[attribute for attribute in ERROR_ATTRIBUTES if attribute in attributes],
        thresholds=release.thresholds,
        base_rate=float(test.label.mean()),
        metrics={"protocol": evaluation["summary"], **headline(tested)},
        lineage=lineage,
        libraries={"python": platform.python_version(), **{lib: metadata.version(lib) for lib in LIBRARIES}},
        files={},
        golden=golden_rows(model, content, features, matrix, seed),
        histograms=counted,
    )
    files = {
        MODEL_FILE: content,
        EXPLAINER_FILE: explainer_bytes(arrays),
        PIPELINE_FILE: pickled.getvalue(),
        EVALUATION_FILE: msgspec.json.format(msgspec.json.encode(evaluation, order="sorted"), indent=2)
        + b"\n",
        SCORES_FILE: DriveScores.of(drives_of(test.frame, tested.probability)).write(),
        PAGE_FILE: evaluation_page(evaluation, figures).encode(),
        **figures,
    }
    if scopes.scores is not None:
        files[WINDOW_SCORES_FILE] = scopes.scores.write()
    return manifest, files


def _similar(scopes: Scopes, features: list[Feature]) -> SimilarDrives | None:
    if scopes.similar is None or scopes.similar_rows is None:
        return None
    rows = scopes.similar_rows
    shown, counts, _ = rows.values.select(rows.frame["row"].to_numpy(), features)
    return msgspec.structs.replace(scopes.similar, histograms=histograms(features, shown, counts))


def _parity(report: ParityReport, test_rows: int) -> dict[str, Any]:
    return {
        "rows": {**report.rows, "test period": test_rows},
        "distinct_rows_of_the_test_period": report.rows["test period"],
        "largest_difference_in_probability": report.probability,
        "largest_difference_of_explanation_in_log_odds": report.explanation,
    }


def _importance(
    explainer: Explainer,
    matrix: npt.NDArray[np.float32],
    index: npt.NDArray[np.intp],
    label: npt.NDArray[np.int8],
    probability: npt.NDArray[np.float64],
    medium: float,
) -> dict[int, float]:
    """Mean |contribution| over the rows that matter: on most drive-days next to nothing contributes."""
    rows = np.flatnonzero((label == 1) | (probability >= medium))
    rows = rows[:: max(1, len(rows) // _EXPLAINED_ROWS)]
    mean = np.abs(explainer.contributions(matrix[index[rows]])).mean(axis=0) if len(rows) else np.zeros(0)
    return dict(zip(explainer.attributes, mean.tolist(), strict=False))
