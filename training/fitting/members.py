"""The models that are summed in log-odds: boosted trees and a linear model, each fitted on drawn rows.

Fitting uses one thread: sums in parallel depend on the number of cores, and so would the model's bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from functions.scoring.model.features import Feature
from training.fitting.training_rows import Draw, TrainingRows
from training.log_odds_model import LogOddsModel

MEMBERS = 3
"""Boosted models in a bag. More changed the forward test by less than its noise and cost time in serving."""

LINEAR_SHARE = 0.5
"""Weight of the linear member in the blend.

It orders the drives that small trees give the same score, and it carries over to drive models it never saw.
On ST4000DM000 of 2018, average precision per drive in three forward folds before the test period (15 to 16
failing drives each, mean of three seeds) is 0.184 without it, 0.199 with 0.3, 0.210 with 0.5, 0.207 with 0.7
and 0.203 with the linear member alone; differences of this size are within the noise.
"""

INVERSE_REGULARISATION = 0.05
"""C of the logistic regression; 0.001 to 1 give the same average precision within 0.01."""

REPORTED_BY_SOME = 187
"""An attribute that says which counters a drive has: Seagate's drives report it, most others do not."""

_UNPENALISED = 10.0

_SEED_STEP = 1000


class TreeSettings(NamedTuple):
    """Hyperparameters of a boosted member.

    Attributes
    ----------
    leaves : int
        Most leaves of a tree, at most 8.
    rate : float
        Learning rate.
    l2 : float
        Regularisation of leaf values.
    monotonic : bool
        Whether more errors, or a larger rise, can only raise the risk.
    """

    leaves: int = 5
    trees: int = 120
    rate: float = 0.05
    l2: float = 50.0
    monotonic: bool = True


def fit_trees(
    rows: TrainingRows, features: Sequence[Feature], settings: TreeSettings, seed: int
) -> HistGradientBoostingClassifier:
    """Fit one boosted member."""
    model = HistGradientBoostingClassifier(
        max_leaf_nodes=settings.leaves,
        max_iter=settings.trees,
        learning_rate=settings.rate,
        l2_regularization=settings.l2,
        min_samples_leaf=40,
        monotonic_cst=[int(settings.monotonic)] * len(features),
        early_stopping=False,
        random_state=seed,
    )
    matrix = rows.observed.matrix(features)
    # Binning fails on a column without any value (the first four weeks have no 28-day history); a constant is
    # never split on.
    matrix[:, np.isnan(matrix).all(axis=0)] = 0.0
    with threadpool_limits(limits=1):
        model.fit(matrix, rows.label, sample_weight=rows.weight)
    _hold_thresholds_in_float32(model)
    return model


def _hold_thresholds_in_float32(model: HistGradientBoostingClassifier) -> None:
    """Round every threshold down to float32.

    Not one float32 row changes sides by that. ONNX holds thresholds in float32 and would round some of them
    up, past a row that lies between the two.
    """
    for (predictor,) in model._predictors:  # noqa: SLF001 - scikit-learn has no public access to its trees
        exact = predictor.nodes["num_threshold"]
        rounded = exact.astype(np.float32)
        above = rounded > exact
        rounded[above] = np.nextafter(rounded[above], np.float32(-np.inf))
        predictor.nodes["num_threshold"] = rounded


def fit_linear(rows: TrainingRows, features: Sequence[Feature]) -> Any:
    """Fit a pipeline of median imputation, standardisation and logistic regression.

    Rows of several fleets get intercepts that the pipeline does not keep: one for every other fleet, which
    fails at a rate of its own, and one for rows without 187. What is kept is that of the main fleet's drives
    that report it.
    """
    matrix = rows.observed.matrix(features)
    imputer = SimpleImputer(strategy="median", keep_empty_features=True).fit(matrix)
    scaler = StandardScaler().fit(imputer.transform(matrix))
    regression = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=1000)
    intercepts = _intercepts(rows)
    # C weighs the data against the penalty, so the weights' scale has to be fixed.
    weight = rows.weight / rows.weight.mean()
    with threadpool_limits(limits=1):
        regression.fit(
            np.hstack([scaler.transform(imputer.transform(matrix)), intercepts]), rows.label, weight
        )
    regression.coef_ = regression.coef_[:, : len(features)]
    regression.n_features_in_ = len(features)
    return make_pipeline(imputer, scaler, regression)


def _intercepts(rows: TrainingRows) -> npt.NDArray[np.floating[Any]]:
    """Return one column for each further intercept, so large that it is hardly penalised."""
    others = range(1, int(rows.fleet.max(initial=0)) + 1)
    if not others:
        return np.empty((len(rows.label), 0), dtype=np.float32)
    column = rows.observed.attributes.index(REPORTED_BY_SOME)
    silent = np.isnan(rows.observed.now[:, column])
    return np.column_stack([*(rows.fleet == number for number in others), silent]) * _UNPENALISED


def fit_members(draw: Draw, features: Sequence[Feature], settings: TreeSettings, seed: int) -> list[Any]:
    """Fit the boosted members of a bag, each on a draw of its own."""
    seeds = [seed * _SEED_STEP + number for number in range(MEMBERS)]
    return [fit_trees(draw(own), features, settings, own) for own in seeds]


def fit_blend(
    rows: TrainingRows,
    features: Sequence[Feature],
    members: Sequence[Any],
    linear_share: float = LINEAR_SHARE,
) -> LogOddsModel:
    """Fit a linear member and join it with boosted members."""
    weights = [(1.0 - linear_share) / len(members)] * len(members) + [linear_share]
    return LogOddsModel([*members, fit_linear(rows, features)], weights)


def linear_seed(seed: int) -> int:
    """Return the seed of the draw that a linear member is fitted on: that of the bag's first member."""
    return seed * _SEED_STEP


def decision(model: Any, matrix: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return the (n,) uncalibrated log-odds of a fitted candidate.

    Most drive-days look like thousands of others, so each distinct row is scored once.
    """
    frame = pl.from_numpy(matrix)
    groups = frame.with_row_index("row").group_by(frame.columns, maintain_order=True).agg("row")
    of_group = np.asarray(model.average(groups.select(frame.columns).to_numpy()), dtype=np.float64)
    scores = np.empty(len(matrix))
    scores[groups["row"].explode().to_numpy()] = np.repeat(of_group, groups["row"].list.len().to_numpy())
    return scores
