"""Why a forecast is what it is: exact contributions per SMART attribute, in log-odds.

The model is a sum of small trees, a linear part, or both, in log-odds. For trees the contributions are the
Shapley values of path-dependent TreeSHAP (Lundberg et al. 2020): what `shap.TreeExplainer` gives. A tree of
at most eight leaves has at most seven splits, so a row meets it in one of 2**7 ways; training writes the
Shapley values of all of them into a table, summed per attribute, and a row is explained by a few comparisons
and one look-up a tree.

Contributions and the base value add up to the model's log-odds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

MAX_SPLITS = 7
"""Most splits of a tree: eight leaves."""

_CHUNK = 512


class Explainer:
    """Contributions of one model version, read from its ``explainer.npz``.

    Parameters
    ----------
    arrays : mapping of str to array
        ``base`` (): base value, log-odds.
        ``attributes`` (A,): SMART attributes, ascending.
        ``split_feature`` (T, S), ``split_threshold`` (T, S), ``split_missing`` (T, S): the splits of every
        tree; a row goes left where its feature is at most the threshold, or is missing and ``split_missing``
        says so. Unused splits never go left.
        ``table`` (T, 2**S, C): contribution by outcome of the splits (bit s set: left at split s) of each of
        the tree's attributes, zero-padded; ``table_attribute`` (T, C): index into ``attributes``.
        ``linear_coefficient``, ``linear_center``, ``linear_fill`` (F,): contribution of feature f is
        coefficient times (value - center), with fill for a missing value; ``feature_attribute`` (F,): index
        into ``attributes``.
    """

    def __init__(self, arrays: dict[str, NDArray[np.generic]]) -> None:
        self.base = float(arrays["base"])
        self.attributes = tuple(int(a) for a in arrays["attributes"])
        self._feature = arrays["split_feature"].ravel()
        self._threshold = arrays["split_threshold"].astype(np.float64).ravel()
        self._missing = arrays["split_missing"].astype(bool).ravel()
        self._table = arrays["table"].astype(np.float64)
        trees, outcomes, self._slots = self._table.shape
        self._splits = arrays["split_feature"].shape[1]
        self._rows = self._table.reshape(trees * outcomes, self._slots)
        self._offset = (np.arange(trees) * outcomes).astype(np.intp)
        self._powers = 2 ** np.arange(self._splits)
        self._to_attribute = np.zeros((trees * self._slots, len(self.attributes)))
        if trees:
            owner = arrays["table_attribute"].ravel().astype(np.intp)
            self._to_attribute[np.arange(owner.size), owner] = 1.0
        self._coefficient = arrays["linear_coefficient"].astype(np.float64)
        self._center = arrays["linear_center"].astype(np.float64)
        self._fill = arrays["linear_fill"].astype(np.float64)
        owner = arrays["feature_attribute"].astype(np.intp)
        self._feature_to_attribute = np.zeros((owner.size, len(self.attributes)))
        self._feature_to_attribute[np.arange(owner.size), owner] = 1.0
        self._linear = bool(np.any(self._coefficient))

    @classmethod
    def load(cls, path: Path) -> Explainer:
        """Read an explainer; no pickled objects are accepted."""
        with np.load(path, allow_pickle=False) as arrays:
            return cls({name: arrays[name] for name in arrays.files})

    def contributions(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Explain rows.

        Parameters
        ----------
        features : (n, F) array of float32
            The model's input, NaN where missing.

        Returns
        -------
        (n, len(attributes)) array of float64
            Log-odds. Each row and `base` add up to the model's log-odds.
        """
        result = np.zeros((len(features), len(self.attributes)))
        for start in range(0, len(features), _CHUNK):
            rows = features[start : start + _CHUNK]
            if self._offset.size:
                result[start : start + _CHUNK] = self._tree_part(rows)
            if self._linear:
                filled = np.where(np.isnan(rows), self._fill, rows)
                part = (filled - self._center) * self._coefficient
                result[start : start + _CHUNK] += part @ self._feature_to_attribute
        return result

    def _tree_part(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        values = rows[:, self._feature]
        left = values <= self._threshold
        left |= np.isnan(values) & self._missing
        outcome = left.reshape(len(rows), -1, self._splits) @ self._powers
        looked_up = self._rows[outcome + self._offset]
        part: NDArray[np.float64] = looked_up.reshape(len(rows), -1) @ self._to_attribute
        return part
