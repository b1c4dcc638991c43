"""The trees inside fitted scikit-learn gradient boosting models, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sklearn.ensemble import HistGradientBoostingClassifier

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from training.log_odds_model import LogOddsModel


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree. Node 0 is the root; a row goes left where its feature is at most the threshold.

    Attributes
    ----------
    feature, left, right : (n,) arrays of int
    threshold, value, count : (n,) arrays of float64
        ``count`` is the number of training rows that reached the node.
    missing_left, leaf : (n,) arrays of bool
    """

    feature: NDArray[np.intp]
    threshold: NDArray[np.float64]
    missing_left: NDArray[np.bool_]
    left: NDArray[np.intp]
    right: NDArray[np.intp]
    leaf: NDArray[np.bool_]
    value: NDArray[np.float64]
    count: NDArray[np.float64]


def trees_of(member: HistGradientBoostingClassifier) -> Iterator[Tree]:
    """Yield the trees of a fitted model, in the order they were grown.

    Their nodes are in a private attribute of scikit-learn; the pinned version and the parity gate watch
    over it.
    """
    for (predictor,) in member._predictors:  # noqa: SLF001
        nodes = predictor.nodes
        yield Tree(
            feature=nodes["feature_idx"].astype(int),
            threshold=nodes["num_threshold"].astype(float),
            missing_left=nodes["missing_go_to_left"].astype(bool),
            left=nodes["left"].astype(int),
            right=nodes["right"].astype(int),
            leaf=nodes["is_leaf"].astype(bool),
            value=nodes["value"].astype(float),
            count=nodes["count"].astype(float),
        )


def baseline_of(member: HistGradientBoostingClassifier) -> float:
    """Return the constant a model starts from, in log-odds."""
    return float(member._baseline_prediction.ravel()[0])  # noqa: SLF001


def tree_members(model: LogOddsModel) -> list[tuple[HistGradientBoostingClassifier, float]]:
    """Return the members that are gradient boosting models, with their weights in the calibrated log-odds."""
    return [
        (m, model.scale * w)
        for m, w in model.weighted_members()
        if isinstance(m, HistGradientBoostingClassifier)
    ]


def linear_members(model: LogOddsModel) -> list[tuple[Any, float]]:
    """Return the other members, pipelines that end in a logistic regression, with their weights."""
    return [
        (m, model.scale * w)
        for m, w in model.weighted_members()
        if not isinstance(m, HistGradientBoostingClassifier)
    ]
