"""A fitted model to ONNX: skl2onnx converts the members, the sum and the calibration are added after them.

The graph has one input, ``features`` (float32, n x f), and two outputs, ``log_odds`` and ``probability``
(float32, n x 1). Log-odds are an output of their own because probabilities near zero lose their order in
float32.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType

from functions.scoring.model.onnx_model import INPUT, LOG_ODDS, PROBABILITY
from training.versions.trees import linear_members, tree_members

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.log_odds_model import LogOddsModel

OPSET, ML_OPSET = 18, 3
IR_VERSION = 8
"""Old enough for every ONNX Runtime that can be deployed, new enough for what is used."""


def _convert(member: Any, width: int) -> onnx.GraphProto:
    classifier = member.steps[-1][1] if hasattr(member, "steps") else member
    options = {id(classifier): {"zipmap": False, "raw_scores": True}}
    with warnings.catch_warnings():
        # skl2onnx hands booleans to integer fields; protobuf accepts them up to the version that is pinned.
        warnings.simplefilter("ignore", DeprecationWarning)
        model: onnx.ModelProto = convert_sklearn(
            member,
            initial_types=[(INPUT, FloatTensorType([None, width]))],
            options=options,
            target_opset={"": OPSET, "ai.onnx.ml": ML_OPSET},
        )
    return model.graph


def _tree_node(graphs: Sequence[tuple[onnx.GraphProto, float]], output: str) -> onnx.NodeProto:
    """Join the weighted tree ensembles of all members into one node: one pass over all trees."""
    joined: dict[str, Any] = {}
    base, trees = 0.0, 0
    for graph, weight in graphs:
        (node,) = (node for node in graph.node if node.op_type == "TreeEnsembleClassifier")
        values = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        base += weight * float(values["base_values"][0])
        values["class_weights"] = [weight * value for value in values["class_weights"]]
        for name in ("nodes_treeids", "class_treeids"):
            values[name] = [tree + trees for tree in values[name]]
        for name, items in values.items():
            if name.startswith(("nodes_", "class_")):
                joined.setdefault(name.replace("class_", "target_"), []).extend(items)
        trees = max(values["nodes_treeids"]) + 1
    return helper.make_node(
        "TreeEnsembleRegressor",
        [INPUT],
        [output],
        domain="ai.onnx.ml",
        n_targets=1,
        aggregate_function="SUM",
        post_transform="NONE",
        base_values=[base],
        **joined,
    )


def to_onnx(model: LogOddsModel, width: int) -> bytes:
    """Convert a fitted model.

    Returns
    -------
    bytes
        The serialized ONNX model, the same bytes for the same model.
    """
    nodes: list[onnx.NodeProto] = []
    initializers: list[onnx.TensorProto] = []
    parts: list[str] = []

    def constant(name: str, value: Any, dtype: Any) -> str:
        initializers.append(numpy_helper.from_array(np.asarray(value, dtype=dtype), name))
        return name

    tree_graphs = [(_convert(member, width), weight) for member, weight in tree_members(model)]
    if tree_graphs:
        parts.append("trees")
        nodes.append(_tree_node(tree_graphs, "trees"))
    for index, (member, weight) in enumerate(linear_members(model)):
        prefix = f"linear{index}_"
        graph = _prefix_names(_convert(member, width), prefix)
        nodes.extend(graph.node)
        initializers.extend(graph.initializer)
        raw = graph.output[1].name
        column = constant(f"{prefix}column", [1], np.int64)
        nodes.append(helper.make_node("Gather", [raw, column], [f"{prefix}raw"], axis=1))
        nodes.append(
            helper.make_node(
                "Mul", [f"{prefix}raw", constant(f"{prefix}weight", weight, np.float32)], [f"{prefix}part"]
            )
        )
        parts.append(f"{prefix}part")
    parts.append(constant("offset", [[model.offset]], np.float32))
    nodes.append(helper.make_node("Sum", parts, [LOG_ODDS]))
    nodes.append(helper.make_node("Sigmoid", [LOG_ODDS], [PROBABILITY]))
    graph = helper.make_graph(
        nodes,
        "drivecast",
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, [None, width])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 1])
            for name in (LOG_ODDS, PROBABILITY)
        ],
        initializers,
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)]
    made = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="drivecast")
    onnx.checker.check_model(made)
    content: bytes = made.SerializeToString(deterministic=True)
    return content


def _prefix_names(graph: onnx.GraphProto, prefix: str) -> onnx.GraphProto:
    """Give every name of a graph but the common input a prefix, so that graphs can stand side by side."""
    renamed = onnx.GraphProto()
    renamed.CopyFrom(graph)
    for node in renamed.node:
        node.name = prefix + node.name
        for names in (node.input, node.output):
            for index, name in enumerate(names):
                if name and name != INPUT:
                    names[index] = prefix + name
    for named in (*renamed.initializer, *renamed.output):
        named.name = prefix + named.name
    return renamed
