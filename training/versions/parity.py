"""The parity gate: a version is written only if ONNX says what scikit-learn says.

They are compared where they are most likely to differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime as ort

from functions.errors import ModelError
from functions.scoring.model.onnx_model import GOLDEN_TOLERANCE, INPUT, LOG_ODDS, PROBABILITY
from training.versions.trees import tree_members, trees_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from functions.scoring.model.explainer import Explainer
    from training.log_odds_model import LogOddsModel

TOLERANCE = GOLDEN_TOLERANCE
"""Largest difference in probability between scikit-learn and ONNX Runtime."""

EXPLANATION_TOLERANCE = 1e-4
"""Largest difference between the log-odds of ONNX Runtime, in float32, and base value plus contributions."""

_LARGE = (2.0**24 + 1, 2.0**31, 2.0**32 + 1, 2.0**47 + 1)


class ParityError(ModelError):
    """The converted model does not say what the trained one says."""


@dataclass(frozen=True, slots=True)
class ParityReport:
    """The rows compared, and the largest differences.

    Attributes
    ----------
    rows : dict of str to int
        Rows compared, by kind.
    probability, explanation : float
        Largest differences: of probabilities, and of log-odds against base value plus contributions.
    """

    rows: dict[str, int]
    probability: float
    explanation: float


def threshold_rows(model: LogOddsModel, base: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return rows at every threshold of every tree and one float32 step to either side of it.

    Parameters
    ----------
    base : (f,) array of float32
        The row whose features are replaced one at a time.
    """
    pairs = {
        (int(feature), float(threshold))
        for member, _ in tree_members(model)
        for tree in trees_of(member)
        for feature, threshold in zip(tree.feature[~tree.leaf], tree.threshold[~tree.leaf], strict=True)
    }
    rows = []
    for feature, threshold in sorted(pairs):
        at = np.float32(threshold)
        if np.isinf(at):
            # It divides the missing from the present, which `hard_rows` and the test period show.
            continue
        for value in (np.nextafter(at, np.float32(-np.inf)), at, np.nextafter(at, np.float32(np.inf))):
            row = base.copy()
            row[feature] = value
            rows.append(row)
    return np.array(rows, dtype=np.float32).reshape(-1, len(base))


def hard_rows(base: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return rows with everything missing, with each feature missing, and with values beyond 2**24."""
    width = len(base)
    rows = [np.full(width, np.nan, dtype=np.float32)]
    for feature in range(width):
        for value in (np.nan, *_LARGE, *(-large for large in _LARGE)):
            row = base.copy()
            row[feature] = value
            rows.append(row)
    rows.extend(np.full(width, value, dtype=np.float32) for value in _LARGE)
    return np.array(rows, dtype=np.float32)


def check_parity(
    model: LogOddsModel, onnx_model: bytes, explainer: Explainer, test: NDArray[np.float32]
) -> ParityReport:
    """Compare the trained model, its conversion and its explanation.

    Parameters
    ----------
    test : (n, f) array of float32
        Every row of the test period.

    Raises
    ------
    ParityError
        A probability differs by more than `TOLERANCE`, or an explanation by more than
        `EXPLANATION_TOLERANCE`.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(onnx_model, options, providers=["CPUExecutionProvider"])
    base = np.nanmedian(test, axis=0).astype(np.float32) if len(test) else np.zeros(0, dtype=np.float32)
    kinds = {
        "test period": test,
        "tree thresholds": threshold_rows(model, base),
        "missing and large values": hard_rows(base),
    }
    worst = explained = 0.0
    for kind, rows in kinds.items():
        if not len(rows):
            continue
        log_odds, probability = (out.ravel() for out in session.run([LOG_ODDS, PROBABILITY], {INPUT: rows}))
        difference = np.abs(probability - model.predict_proba(rows)[:, 1])
        index = int(np.argmax(difference))
        if not difference[index] <= TOLERANCE:
            trained = model.predict_proba(rows[index : index + 1])[0, 1]
            msg = (
                f"Row {index} of '{kind}' has probability {trained:.9f} in scikit-learn and "
                f"{probability[index]:.9f} in ONNX Runtime {ort.__version__}; at most {TOLERANCE:g} apart is "
                f"accepted. The version is not written. Features: {rows[index].tolist()}"
            )
            raise ParityError(msg)
        worst = max(worst, float(difference[index]))
        sample = rows[:: max(1, len(rows) // 20_000)]
        total = explainer.contributions(sample).sum(axis=1) + explainer.base
        apart = np.abs(total - log_odds[:: max(1, len(rows) // 20_000)]) / np.maximum(1.0, np.abs(total))
        if not apart.max() <= EXPLANATION_TOLERANCE:
            msg = (
                f"Base value and contributions differ from the log-odds by {apart.max():.3g} on "
                f"'{kind}'; at most {EXPLANATION_TOLERANCE:g} is accepted. The version is not written."
            )
            raise ParityError(msg)
        explained = max(explained, float(apart.max()))
    return ParityReport({kind: len(rows) for kind, rows in kinds.items()}, worst, explained)
