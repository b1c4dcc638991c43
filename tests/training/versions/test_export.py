from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
import onnxruntime as ort
import pytest

from functions.scoring.model.features import Feature
from functions.scoring.model.onnx_model import INPUT, LOG_ODDS, PROBABILITY
from tests.training.made_fleet import blend, random_matrix, training_rows
from training.fitting.feature_sets import SNAPSHOT, WITH_CHANGES
from training.fitting.members import TreeSettings, fit_linear, fit_trees
from training.log_odds_model import LogOddsModel
from training.versions.export import to_onnx
from training.versions.parity import TOLERANCE, hard_rows, threshold_rows


def linear() -> LogOddsModel:
    return LogOddsModel([fit_linear(training_rows(), SNAPSHOT)]).calibrate(0.7, -1.0)


def trees() -> LogOddsModel:
    return LogOddsModel([fit_trees(training_rows(), WITH_CHANGES, TreeSettings(trees=30), 0)])


@pytest.mark.parametrize(
    ("make", "features"), [(blend, WITH_CHANGES), (linear, SNAPSHOT), (trees, WITH_CHANGES)]
)
def test_onnx_says_what_scikit_learn_says_also_at_every_threshold(
    make: Callable[[], LogOddsModel], features: tuple[Feature, ...]
) -> None:
    model = make()
    width = len(features)
    session = ort.InferenceSession(to_onnx(model, width), providers=["CPUExecutionProvider"])
    zeros = np.zeros(width, dtype=np.float32)
    rows = np.concatenate([random_matrix(features), hard_rows(zeros), threshold_rows(model, zeros)])
    log_odds, probability = (out.ravel() for out in session.run([LOG_ODDS, PROBABILITY], {INPUT: rows}))
    assert np.abs(probability - model.predict_proba(rows)[:, 1]).max() <= TOLERANCE
    usual = log_odds[: len(random_matrix(features))]
    np.testing.assert_allclose(usual, model.decision_function(random_matrix(features)), atol=2e-5)


def test_the_same_model_gives_the_same_bytes_fitted_anew() -> None:
    assert to_onnx(blend(), len(WITH_CHANGES)) == to_onnx(blend(), len(WITH_CHANGES))


def test_all_trees_are_one_node_and_nothing_in_the_graph_tells_the_time_or_place() -> None:
    content = to_onnx(blend(), len(WITH_CHANGES))
    graph = onnx.load_model_from_string(content).graph
    assert [node.op_type for node in graph.node].count("TreeEnsembleRegressor") == 1
    assert b"/" + b"tmp" not in content
