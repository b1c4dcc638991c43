"""The challenger at work: it scores the champion's rows; if it fails, the champion's run goes on.

Nothing here is handed back to the champion. Attributes and history windows of the challenger alone are read
beside the champion's, so that no answer and no reject depends on whether there is a challenger.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np

from functions.scoring.history.join import History
from functions.scoring.model.scorer import Observations, Scorer
from functions.scoring.shadow.tally import ShadowTally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from functions.scoring.csv.parser import Rows
    from functions.scoring.history.snapshots import SnapshotStore
    from functions.scoring.model.scorer import Scores

_log = logging.getLogger(__name__)


class ShadowScorer:
    """Scores the blocks of one file with the challenger. Used by several threads at once.

    Where the challenger's attributes and windows are all among the champion's it looks at the history that
    was joined for the champion; otherwise it joins its own, from the same snapshots. Attributes that
    snapshots do not keep have no history, for either model.

    Parameters
    ----------
    attributes : sequence of int
        Columns of the decoded values given to `compare`; has the challenger's.
    own_source : str
        See `functions.scoring.history.snapshots.SnapshotWriter`.
    """

    def __init__(
        self,
        challenger: Scorer,
        champion: Scorer,
        attributes: Sequence[int],
        store: SnapshotStore | None,
        own_source: str,
    ) -> None:
        self._challenger = challenger
        self._columns = _column_indices(challenger.attributes, attributes)
        windows = challenger.model.plan.windows
        self._shared: NDArray[np.intp] | None = None
        self._history: History | None = None
        attributes_shared = {*challenger.attributes} <= {*champion.attributes}
        windows_shared = {*windows} <= {*champion.model.plan.windows}
        if attributes_shared and windows_shared:
            self._shared = _column_indices(challenger.attributes, champion.attributes)
        elif store is not None and windows:
            self._history = History(store, challenger.attributes, windows, own_source)
        self._failed_at: int | None = None

    @property
    def version(self) -> str:
        """The challenger's version."""
        return self._challenger.model.version

    @property
    def prefers_large_blocks(self) -> bool:
        """See `functions.scoring.history.join.History`."""
        return self._history is not None and self._history.prefers_large_blocks

    def compare(
        self, first_line: int, rows: Rows, decoded: NDArray[np.float64], seen: Observations, champion: Scores
    ) -> ShadowTally:
        """Score a block's rows, decoded (n, len(attributes)), and count both models' answers.

        It never raises: a failure is part of the tally. After one, later blocks of the file are passed over,
        but not earlier ones, so that the same failure is found however threads take turns.
        """
        failed_at = self._failed_at
        if not len(rows.lines) or (failed_at is not None and failed_at < first_line):
            return ShadowTally(self.version)
        try:
            scores = self._challenger.score(self._observations(rows, decoded, seen))
            return ShadowTally.of_block(self.version, rows, champion, scores)
        except Exception as error:  # noqa: BLE001 - no fault of a challenger's is worth a champion's run
            _log.warning(
                "challenger %s failed at line %d, the run goes on without it: %s: %s",
                self.version,
                first_line,
                type(error).__name__,
                error,
            )
            self._failed_at = first_line
            return ShadowTally(self.version, failure=(first_line, type(error).__name__))

    def _observations(self, rows: Rows, decoded: NDArray[np.float64], seen: Observations) -> Observations:
        now = decoded[:, self._columns]
        shared = self._shared
        if shared is not None:
            earlier = {window: values[:, shared] for window, values in seen.earlier.items()}
            return Observations(now, earlier, seen.ages)
        if self._history is None:
            return Observations(now, {}, {})
        return Observations(now, *self._history.join(rows.dates, rows.serials))


def _column_indices(wanted: Sequence[int], attributes: Sequence[int]) -> NDArray[np.intp]:
    column = {attribute: place for place, attribute in enumerate(attributes)}
    return np.array([column[attribute] for attribute in wanted], dtype=np.intp)
