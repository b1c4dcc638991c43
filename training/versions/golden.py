"""Data recorded in a manifest: rows with the probability expected, and histograms for drift."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from functions.scoring.model.features import Feature
from functions.scoring.model.golden import recorded_features
from functions.scoring.model.manifest import GoldenRow, Histogram
from functions.scoring.model.onnx_model import INPUT, PROBABILITY
from training.log_odds_model import LogOddsModel
from training.versions.golden_telemetry import largest_row, telemetry_of

SPREAD_ROWS = 24
"""Golden rows drawn from the test period, at even steps of rising probability."""

BINS = 20

Matrix = npt.NDArray[np.float32]


def golden_rows(
    model: LogOddsModel, content: bytes, features: Sequence[Feature], test: Matrix, seed: int
) -> list[GoldenRow]:
    """Choose rows and record their probability by ONNX Runtime, which the parity gate has compared before.

    Parameters
    ----------
    content : bytes
        The model in ONNX.
    test : (n, f) array of float32
        Rows of the test period.
    seed : int
        Shuffles rows, so that equal probabilities do not always give the first drive.

    Returns
    -------
    list of GoldenRow
        Test rows from the least to the most likely to fail, one of them without its history, then one with
        everything missing and one with the largest raw values. All begin with telemetry; rows that none
        comes to are left out.
    """
    shuffled = np.random.default_rng(seed).permutation(len(test))
    log_odds = model.decision_function(test[shuffled])
    order = shuffled[np.argsort(log_odds, kind="stable")]
    falling = np.unique(model.decision_function(test))[::-1]
    # Half by rank, which is nearly all healthy rows, half by score, which is where the model has an opinion.
    by_rank = order[np.linspace(0, len(order) - 1, SPREAD_ROWS // 2).astype(int)]
    wanted = falling[np.linspace(0, len(falling) - 1, SPREAD_ROWS // 2).astype(int)]
    ranked = np.sort(log_odds)
    by_score = order[np.minimum(np.searchsorted(ranked, wanted), len(order) - 1)]
    rows = test[np.unique(np.concatenate([by_rank, by_score]))]
    changes = np.array([feature.kind == "change" for feature in features])
    lonely = test[by_score[0]].copy()
    lonely[changes] = np.nan
    rows = np.vstack([rows, lonely, np.full(len(features), np.nan)]).astype(np.float32)
    begun = [
        GoldenRow(values, 0.0, telemetry_of(values, features, index))
        for index, values in enumerate(record_row(row) for row in rows)
    ]
    chosen = [row for row in begun if row.telemetry is not None]
    return score_rows([*chosen, largest_row(features)], content)


def record_row(row: npt.NDArray[np.floating[Any]]) -> list[float | None]:
    """Return features as a golden row keeps them."""
    return [None if np.isnan(value) else float(value) for value in row]


def score_rows(rows: Sequence[GoldenRow], content: bytes) -> list[GoldenRow]:
    """Return golden rows with the probability that ONNX Runtime gives their features."""
    session = ort.InferenceSession(content, providers=["CPUExecutionProvider"])
    probability = session.run([PROBABILITY], {INPUT: recorded_features(rows)})[0].ravel()
    return [
        msgspec.structs.replace(row, probability=float(p)) for row, p in zip(rows, probability, strict=True)
    ]


def histograms(
    features: Sequence[Feature], matrix: Matrix, rows: npt.NDArray[np.int64]
) -> dict[str, Histogram]:
    """Count each feature's values, as the model gets them, in equal steps from the smallest to the largest.

    Parameters
    ----------
    matrix : (n, f) array of float32
        Every distinct row trained on.
    rows : (n,) array of int
        How many drive-days each stands for, at natural prevalence.
    """
    found = {}
    for column, feature in enumerate(features):
        values = matrix[:, column].astype(np.float64)
        missing = np.isnan(values)
        present = values[~missing]
        low, high = (float(present.min()), float(present.max())) if present.size else (0.0, 1.0)
        counts, edges = np.histogram(
            present, bins=BINS, range=(low, high if high > low else low + 1.0), weights=rows[~missing]
        )
        found[feature.name] = Histogram(edges.tolist(), counts.tolist(), int(rows[missing].sum()))
    return found
