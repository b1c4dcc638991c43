"""Why a forecast is what it is: exact contributions per SMART attribute, in log-odds.

The model is a sum of small trees, a linear part, or both, in log-odds. For trees the contributions are the
Shapley values of path-dependent TreeSHAP (Lundberg et al. 2020): what `shap.TreeExplainer` gives. A tree of
at most eight leaves has at most seven splits, so a row meets it in one of 2**7 ways; training writes the
Shapley values of all of them into a table, summed per attribute, and a row is explained by a few comparisons
and one look-up a tree. Most comparisons are in many trees; each is made once.

Contributions and the base value add up to the model's log-odds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from numpy.typing import NDArray

MAX_SPLITS = 7
"""Most splits of a tree: eight leaves."""

_CHUNK = 256
"""Rows explained at once: their look-ups, some 10 KB a row, stay in the processor's cache."""


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
        self._trees = _TreeTables(arrays, len(self.attributes))
        self._coefficient = arrays["linear_coefficient"].astype(np.float64)
        self._center = arrays["linear_center"].astype(np.float64)
        self._fill = arrays["linear_fill"].astype(np.float64)
        owner = arrays["feature_attribute"].astype(np.intp)
        self._by_attribute = np.argsort(owner, kind="stable")
        self._owners, self._first = np.unique(owner[self._by_attribute], return_index=True)
        self._linear = bool(np.any(self._coefficient))

    @classmethod
    def load(cls, file: Path | BinaryIO) -> Explainer:
        """Read an explainer; no pickled objects are accepted."""
        with np.load(file, allow_pickle=False) as arrays:
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
            result[start : start + _CHUNK] = self._trees.contributions(rows)
            if self._linear:
                filled = np.where(np.isnan(rows), self._fill, rows)
                part = (filled - self._center) * self._coefficient
                # Not a product of matrices: that adds in an order that depends on the number of rows.
                sums = np.add.reduceat(part[:, self._by_attribute], self._first, axis=1)
                result[start : start + _CHUNK, self._owners] += sums
        return result


class _TreeTables:
    """The trees of an explainer: the comparisons of a row and their outcome in each tree; see `Explainer`."""

    def __init__(self, arrays: dict[str, NDArray[np.generic]], attributes: int) -> None:
        threshold = arrays["split_threshold"].astype(np.float64)
        missing = arrays["split_missing"].astype(bool)
        # Unused splits never go left: their bit is always 0, so the table's upper part is never looked at.
        used = np.flatnonzero((~np.isneginf(threshold) | missing).any(axis=0))
        splits = int(used.max(initial=-1)) + 1
        self._trees, self._attributes = len(threshold), attributes
        all_splits = np.stack([arrays["split_feature"].astype(np.float64), threshold, missing])[:, :, :splits]
        distinct, index = np.unique(all_splits.reshape(3, -1), axis=1, return_inverse=True)
        self._feature = distinct[0].astype(np.intp)
        # Nothing is at most NaN: unused splits never go left, not even for -inf.
        self._threshold = np.where(np.isneginf(distinct[1]), np.nan, distinct[1])[:, np.newaxis]
        self._missing = distinct[2].astype(bool)[:, np.newaxis]
        self._split_index = index.reshape(self._trees, splits).T.copy()
        outcomes = 2**splits
        self._offset = (np.arange(self._trees) * outcomes)[:, np.newaxis]
        table = np.zeros((self._trees, outcomes, attributes))
        owners = arrays["table_attribute"].astype(np.intp)
        for slot in range(owners.shape[1]):
            table[np.arange(self._trees), :, owners[:, slot]] += arrays["table"][:, :outcomes, slot]
        self._table = table.reshape(-1, attributes)

    def contributions(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the (n, attributes) sums over all trees."""
        values = rows.T[self._feature]
        left = ((values <= self._threshold) | (np.isnan(values) & self._missing)).view(np.uint8)
        outcome = np.zeros((self._trees, len(rows)), dtype=np.uint8)  # below 2**MAX_SPLITS
        for bit, index in enumerate(self._split_index):
            outcome |= (left << bit).take(index, axis=0)
        result: NDArray[np.float64] = self._table.take(outcome + self._offset, axis=0).sum(axis=0)
        return result
