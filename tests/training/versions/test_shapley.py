from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from functions.scoring.model.explainer import Explainer
from tests.training.made_fleet import random_matrix, training_rows
from training.fitting.feature_sets import WITH_CHANGES
from training.fitting.members import TreeSettings, fit_linear, fit_trees
from training.log_odds_model import LogOddsModel
from training.versions.explainer_file import explainer_arrays, explainer_bytes
from training.versions.shapley import tree_table
from training.versions.trees import baseline_of, linear_members, tree_members, trees_of

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import shap

ATTRIBUTES = sorted({feature.attribute for feature in WITH_CHANGES})
OWNER = [ATTRIBUTES.index(feature.attribute) for feature in WITH_CHANGES]


def per_attribute(contributions: np.ndarray) -> np.ndarray:
    summed = np.zeros((len(contributions), len(ATTRIBUTES)))
    for column, owner in enumerate(OWNER):
        summed[:, owner] += contributions[:, column]
    return summed


@pytest.mark.parametrize("leaves", [2, 5, 8])
@pytest.mark.parametrize("monotonic", [True, False])
def test_contributions_of_trees_are_those_of_shap(leaves: int, monotonic: bool) -> None:
    rows = training_rows()
    trees = fit_trees(rows, WITH_CHANGES, TreeSettings(leaves, 40, 0.1, 1.0, monotonic), 0)
    matrix = np.concatenate([random_matrix(WITH_CHANGES, 150), rows.observed.matrix(WITH_CHANGES)[:150]])
    found = Explainer(explainer_arrays(LogOddsModel([trees]), WITH_CHANGES))
    reference = shap.TreeExplainer(trees, feature_perturbation="tree_path_dependent")
    theirs = per_attribute(reference.shap_values(matrix.astype(np.float64)))
    assert np.abs(theirs).max() > 0.1, "a model that says nothing would agree with anything"
    np.testing.assert_allclose(found.contributions(matrix), theirs, atol=1e-6)
    # shap computes the base value in single precision
    assert found.base == pytest.approx(float(np.ravel(reference.expected_value)[0]), abs=1e-5)


def test_contributions_and_base_add_up_to_the_log_odds_of_a_calibrated_blend() -> None:
    rows = training_rows()
    members = [fit_trees(rows, WITH_CHANGES, TreeSettings(trees=20), seed) for seed in (0, 1)]
    model = LogOddsModel([*members, fit_linear(rows, WITH_CHANGES)], [0.35, 0.35, 0.3]).calibrate(0.9, -0.2)
    matrix = random_matrix(WITH_CHANGES)
    explainer = Explainer(explainer_arrays(model, WITH_CHANGES))
    total = explainer.contributions(matrix).sum(axis=1) + explainer.base
    # scikit-learn computes the linear member in single precision, as its input is
    np.testing.assert_allclose(total, model.decision_function(matrix), atol=1e-6)


def test_the_file_is_the_same_bytes_and_loads_without_pickle(tmp_path: Path) -> None:
    model = LogOddsModel([fit_trees(training_rows(), WITH_CHANGES, TreeSettings(trees=5), 0)])
    arrays = explainer_arrays(model, WITH_CHANGES)
    assert explainer_bytes(arrays) == explainer_bytes(dict(arrays))
    (tmp_path / "explainer.npz").write_bytes(explainer_bytes(arrays))
    matrix = random_matrix(WITH_CHANGES, 20)
    loaded = Explainer.load(tmp_path / "explainer.npz")
    np.testing.assert_array_equal(loaded.contributions(matrix), Explainer(arrays).contributions(matrix))


def test_trees_of_more_than_eight_leaves_are_refused() -> None:
    matrix = np.random.default_rng(0).random((500, len(WITH_CHANGES)))
    label = matrix.sum(axis=1) > matrix.sum(axis=1).mean()
    (tree,) = trees_of(HistGradientBoostingClassifier(max_iter=1, max_leaf_nodes=12).fit(matrix, label))
    assert tree.leaf.sum() > 8
    with pytest.raises(ValueError, match=r"\b8\b"):
        tree_table(tree, OWNER)


def test_trees_read_from_scikit_learn_predict_what_it_predicts() -> None:
    member = fit_trees(training_rows(), WITH_CHANGES, TreeSettings(trees=8), 0)
    matrix = random_matrix(WITH_CHANGES, 50)
    total = np.full(len(matrix), baseline_of(member))
    for tree in trees_of(member):
        for index, row in enumerate(matrix):
            node = 0
            while not tree.leaf[node]:
                value = row[tree.feature[node]]
                left = tree.missing_left[node] if np.isnan(value) else value <= tree.threshold[node]
                node = int(tree.left[node] if left else tree.right[node])
            total[index] += tree.value[node]
    np.testing.assert_allclose(total, member.decision_function(matrix), atol=1e-9)


def test_weights_of_members_include_the_calibration() -> None:
    rows = training_rows()
    trees, linear = fit_trees(rows, WITH_CHANGES, TreeSettings(trees=2), 0), fit_linear(rows, WITH_CHANGES)
    model = LogOddsModel([trees, linear], [0.7, 0.3]).calibrate(0.5, 0.0)
    ((found_trees, tree_weight),) = tree_members(model)
    ((found_linear, linear_weight),) = linear_members(model)
    assert (found_trees, found_linear) == (trees, linear)
    assert (tree_weight, linear_weight) == pytest.approx((0.35, 0.15))
