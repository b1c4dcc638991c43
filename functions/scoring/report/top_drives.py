"""The riskiest rows of some."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from functions.scoring.model.risk import LEVELS
from functions.scoring.model.scope import SCOPES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from functions.scoring.csv.parser import Rows
    from functions.scoring.model.reasons import Reason
    from functions.scoring.model.scorer import Scores


class WorstDrive(msgspec.Struct, frozen=True, order=True):
    """One of the riskiest drives of a file; ordered by probability, then by earlier line.

    *before* is minus the line; *reasons* are in words, the strongest first.
    """

    probability: float
    before: int
    line: int
    serial_number: str
    model: str
    risk: str
    scope: str
    reasons: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """The strongest reason, empty without one."""
        return self.reasons[0] if self.reasons else ""


def worst_drives(
    count: int,
    rows: Rows,
    scores: Scores,
    reasons: Mapping[int, Sequence[Reason]],
    among: NDArray[np.intp] | None = None,
) -> list[WorstDrive]:
    """Return at most *count* rows of a block, the riskiest first; those of unknown risk are none.

    *reasons* are by row; with *among*, (m,) and ascending, only these rows are looked at.
    """
    # By probability, as blocks are merged; log-odds would pick other drives where it is 1.0 for many.
    probability = scores.probability if among is None else scores.probability[among]
    # NaN comes last.
    top = np.argsort(-probability, kind="stable")[:count]
    top = top[~np.isnan(probability[top])]
    if among is not None:
        top = among[top]
    columns = (
        # As the scored CSV has them: the shortest digits that give the float32 back. For so few, quicker than
        # a cast by pyarrow.
        map(float, map(str, scores.probability[top])),
        rows.lines[top].tolist(),
        rows.serials.take(top).to_pylist(),
        rows.models.take(top).to_pylist(),
        map(LEVELS.__getitem__, scores.risk[top].tolist()),
        map(SCOPES.__getitem__, scores.scope[top].tolist()),
        map(reasons.get, top.tolist()),
    )
    return [
        WorstDrive(
            chance, -line, line, serial, model, risk, scope, tuple(one.sentence for one in found or ())
        )
        for chance, line, serial, model, risk, scope, found in zip(*columns, strict=True)
    ]
