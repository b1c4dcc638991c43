"""Shapley values of small trees for every way a row can meet them (path-dependent TreeSHAP).

The game of one leaf: a coalition S of the features on its path is worth the leaf's value times, for every
feature, 1 or 0 inside S (does the row satisfy all of the path's conditions on it?) and the share of training
rows that do outside S. The Shapley value has a closed form by the coefficients of a polynomial; see Lundberg
et al. (2020), and Yang (2021) for the table by outcome.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import comb
from typing import TYPE_CHECKING

import numpy as np

from functions.scoring.model.explainer import MAX_SPLITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from training.versions.trees import Tree


@dataclass(frozen=True, slots=True)
class TreeTable:
    """Contributions of one tree.

    Attributes
    ----------
    splits : (s,) array of int
        Its inner nodes; the outcome of split i is bit i, set for left.
    owners : (c,) array of int
        The attributes the tree uses.
    table : (2**MAX_SPLITS, c) array of float64
        Contribution of each attribute by outcome.
    expected : float
        Mean of the tree over its training rows.
    """

    splits: NDArray[np.intp]
    owners: NDArray[np.intp]
    table: NDArray[np.float64]
    expected: float


@lru_cache(maxsize=MAX_SPLITS + 1)
def _weights(players: int) -> NDArray[np.float64]:
    """Shapley's weight of a coalition by its size, |S|! (m - |S| - 1)! / m!."""
    return np.array([1.0 / (players * comb(players - 1, size)) for size in range(players)])


def _paths(tree: Tree) -> list[tuple[int, list[tuple[int, bool]]]]:
    """Return every leaf with the splits on its way: node, and whether the way goes left."""
    found = []
    stack: list[tuple[int, list[tuple[int, bool]]]] = [(0, [])]
    while stack:
        node, way = stack.pop()
        if tree.leaf[node]:
            found.append((node, way))
        else:
            stack.append((int(tree.right[node]), [*way, (node, False)]))
            stack.append((int(tree.left[node]), [*way, (node, True)]))
    return found


def tree_table(tree: Tree, attribute_of: Sequence[int]) -> TreeTable:
    """Tabulate a tree's Shapley values, summed per attribute.

    Parameters
    ----------
    tree : Tree
        At most eight leaves.
    attribute_of : sequence of int
        The attribute (its index) every feature belongs to.

    Raises
    ------
    ValueError
        The tree has more splits than a table can hold.
    """
    splits = np.flatnonzero(~tree.leaf)
    if len(splits) > MAX_SPLITS:
        found = len(splits) + 1
        msg = f"a tree has {found} leaves; explanations need at most {MAX_SPLITS + 1} (max_leaf_nodes)"
        raise ValueError(msg)
    owners = np.unique([attribute_of[tree.feature[node]] for node in splits]).astype(np.intp)
    bit = {int(node): index for index, node in enumerate(splits)}
    outcomes = np.arange(2**MAX_SPLITS)
    table = np.zeros((len(outcomes), len(owners)))
    leaves = _paths(tree)
    for leaf, way in leaves:
        conditions: dict[int, list[tuple[int, bool]]] = {}
        for node, left in way:
            conditions.setdefault(int(tree.feature[node]), []).append((node, left))
        features = list(conditions)
        met = np.ones((len(features), len(outcomes)))
        share = np.ones(len(features))
        for player, feature in enumerate(features):
            for node, left in conditions[feature]:
                met[player] *= ((outcomes >> bit[node]) & 1) == int(left)
                child = tree.left[node] if left else tree.right[node]
                share[player] *= tree.count[child] / tree.count[node]
        for player, feature in enumerate(features):
            value = _shapley(player, met, share) * tree.value[leaf]
            table[:, np.searchsorted(owners, attribute_of[feature])] += value
    expected = sum(tree.value[leaf] * tree.count[leaf] for leaf, _ in leaves) / tree.count[0]
    return TreeTable(splits, owners, table, float(expected))


def _shapley(player: int, met: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return one player's Shapley value in the game of a leaf worth 1, by outcome."""
    players = len(share)
    coefficients = np.zeros((players, met.shape[1]))
    coefficients[0] = 1.0
    for other in range(players):
        if other == player:
            continue
        inside = np.roll(coefficients, 1, axis=0) * met[other]
        inside[0] = 0.0
        coefficients = coefficients * share[other] + inside
    worth: NDArray[np.float64] = _weights(players) @ coefficients
    value: NDArray[np.float64] = worth * (met[player] - share[player])
    return value
