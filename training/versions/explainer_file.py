"""Writes ``explainer.npz``: what serving needs to explain a model exactly, without scikit-learn."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import numpy as np

from functions.scoring.model.explainer import MAX_SPLITS
from training.versions.shapley import tree_table
from training.versions.trees import baseline_of, linear_members, tree_members, trees_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from functions.scoring.model.features import Feature
    from training.log_odds_model import LogOddsModel
    from training.versions.shapley import TreeTable
    from training.versions.trees import Tree

_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


def explainer_arrays(model: LogOddsModel, features: Sequence[Feature]) -> dict[str, NDArray[np.generic]]:
    """Return the arrays `functions.scoring.model.explainer.Explainer` is made of.

    Parameters
    ----------
    model : LogOddsModel
        Its trees have at most eight leaves.
    features : sequence of Feature
        The model's input.
    """
    attributes = sorted({feature.attribute for feature in features})
    attribute_of = [attributes.index(feature.attribute) for feature in features]
    base = model.offset
    grown: list[tuple[Tree, TreeTable, float]] = []
    for member, weight in tree_members(model):
        base += weight * baseline_of(member)
        for tree in trees_of(member):
            table = tree_table(tree, attribute_of)
            base += weight * table.expected
            if len(table.splits):
                grown.append((tree, table, weight))
    coefficient, center, fill = np.zeros(len(features)), np.zeros(len(features)), np.zeros(len(features))
    for member, weight in linear_members(model):
        imputer, scaler, regression = (step for _, step in member.steps)
        base += weight * float(regression.intercept_[0])
        coefficient += weight * regression.coef_[0] / scaler.scale_
        center, fill = scaler.mean_, imputer.statistics_
    slots = max((len(table.owners) for _, table, _ in grown), default=1)
    shape = (len(grown), MAX_SPLITS)
    split_feature, split_missing = np.zeros(shape, dtype=np.int16), np.zeros(shape, dtype=bool)
    split_threshold = np.full(shape, -np.inf)
    contributions = np.zeros((len(grown), 2**MAX_SPLITS, slots))
    owner = np.zeros((len(grown), slots), dtype=np.int16)
    for index, (tree, table, weight) in enumerate(grown):
        used = len(table.splits)
        split_feature[index, :used] = tree.feature[table.splits]
        split_threshold[index, :used] = tree.threshold[table.splits]
        split_missing[index, :used] = tree.missing_left[table.splits]
        contributions[index, :, : len(table.owners)] = weight * table.table
        owner[index, : len(table.owners)] = table.owners
    return {
        "base": np.array(base),
        "attributes": np.array(attributes, dtype=np.int16),
        "split_feature": split_feature,
        "split_threshold": split_threshold,
        "split_missing": split_missing,
        "table": contributions,
        "table_attribute": owner,
        "linear_coefficient": coefficient,
        "linear_center": center,
        "linear_fill": fill,
        "feature_attribute": np.array(attribute_of, dtype=np.int16),
    }


def explainer_bytes(arrays: dict[str, NDArray[np.generic]]) -> bytes:
    """Return arrays as a compressed ``.npz``, the same bytes for the same arrays (no clock inside)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, np.asarray(array), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", _ZIP_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content.getvalue())
    return out.getvalue()
