"""Candidates that are compared but never shipped, as rankers in log-odds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline

from functions.scoring.model.features import Feature
from training.fitting.training_rows import TrainingRows

Matrix = npt.NDArray[np.float32]
LogOdds = npt.NDArray[np.float64]

_EDGE = 1e-6


class Constant:
    """One answer for every drive: calibration turns it into the prevalence."""

    def average(self, features: Matrix) -> LogOdds:
        """Return (n,) zeros."""
        return np.zeros(len(features))


class AnyAboveZero:
    """The rule of thumb of the trade: any of the error counters above zero."""

    def average(self, features: Matrix) -> LogOdds:
        """Return (n,) ones where a value is above zero, zeros elsewhere and where all are missing."""
        return (features > 0).any(axis=1).astype(np.float64)


class Forest:
    """A random forest after median imputation."""

    def __init__(self, rows: TrainingRows, features: Sequence[Feature], seed: int) -> None:
        forest = RandomForestClassifier(
            n_estimators=200, max_leaf_nodes=200, min_samples_leaf=20, random_state=seed, n_jobs=1
        )
        self._pipeline = make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), forest)
        self._pipeline.fit(
            rows.observed.matrix(features), rows.label, randomforestclassifier__sample_weight=rows.weight
        )

    def average(self, features: Matrix) -> LogOdds:
        """Return the (n,) log-odds of the forest's vote, kept finite."""
        failing = np.clip(self._pipeline.predict_proba(features)[:, 1], _EDGE, 1 - _EDGE)
        return np.asarray(np.log(failing / (1 - failing)))
