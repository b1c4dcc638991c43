from __future__ import annotations

import numpy as np
import onnx
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from functions.scoring.model.explainer import Explainer
from tests.training.made_fleet import blend, random_matrix, training_rows
from training.fitting.feature_sets import WITH_CHANGES
from training.fitting.members import fit_linear
from training.log_odds_model import LogOddsModel
from training.versions.explainer_file import explainer_arrays
from training.versions.export import to_onnx
from training.versions.parity import TOLERANCE, ParityError, check_parity
from training.versions.trees import trees_of


def explained(model: LogOddsModel) -> Explainer:
    return Explainer(explainer_arrays(model, WITH_CHANGES))


def test_parity_passes_the_conversion_and_counts_what_it_compared() -> None:
    model = blend()
    test = random_matrix(WITH_CHANGES, 300)
    report = check_parity(model, to_onnx(model, len(WITH_CHANGES)), explained(model), test)
    assert report.rows["test period"] == 300
    assert report.rows["tree thresholds"] >= 12
    assert report.rows["missing and large values"] > 100
    assert report.probability <= TOLERANCE


def tampered(content: bytes, attribute: str, change: float, index: int) -> bytes:
    model = onnx.load_model_from_string(content)
    (node,) = (node for node in model.graph.node if node.op_type == "TreeEnsembleRegressor")
    (values,) = (a for a in node.attribute if a.name == attribute)
    values.floats[index] += change
    return bytes(model.SerializeToString())


def first_split(content: bytes) -> int:
    model = onnx.load_model_from_string(content)
    (node,) = (node for node in model.graph.node if node.op_type == "TreeEnsembleRegressor")
    (modes,) = (a for a in node.attribute if a.name == "nodes_modes")
    return next(index for index, mode in enumerate(modes.strings) if mode != b"LEAF")


def test_parity_refuses_a_leaf_that_is_off() -> None:
    model = blend()
    content = to_onnx(model, len(WITH_CHANGES))
    with pytest.raises(ParityError, match="'test period'"):
        check_parity(
            model, tampered(content, "target_weights", 0.01, 0), explained(model), random_matrix(WITH_CHANGES)
        )


def test_parity_refuses_a_threshold_that_is_off_by_less_than_any_test_row_shows() -> None:
    model = blend()
    content = to_onnx(model, len(WITH_CHANGES))
    wrong = tampered(content, "nodes_values", 1e-5, first_split(content))
    with pytest.raises(ParityError, match="'tree thresholds'"):
        check_parity(model, wrong, explained(model), np.zeros((3, len(WITH_CHANGES)), dtype=np.float32))


def test_parity_refuses_an_explanation_of_another_model() -> None:
    model = blend()
    with pytest.raises(ParityError, match="log-odds"):
        check_parity(
            model,
            to_onnx(model, len(WITH_CHANGES)),
            explained(model.calibrate(0.9, -0.3)),
            random_matrix(WITH_CHANGES),
        )


def test_a_tree_that_divides_the_missing_from_the_present_converts_and_passes() -> None:
    matrix = random_matrix(WITH_CHANGES, 4000)
    label = np.isnan(matrix[:, 0]) ^ (np.nan_to_num(matrix[:, 1]) > 2)
    member = HistGradientBoostingClassifier(max_iter=5, max_leaf_nodes=4).fit(matrix, label)
    thresholds = np.concatenate([tree.threshold[~tree.leaf] for tree in trees_of(member)])
    assert np.isinf(thresholds).any()
    model = LogOddsModel([member, fit_linear(training_rows(), WITH_CHANGES)], [0.7, 0.3])
    report = check_parity(model, to_onnx(model, len(WITH_CHANGES)), explained(model), matrix)
    assert report.probability <= TOLERANCE
