"""The challenger at work: it scores the champion's rows; if it fails, the champion's run goes on.

Nothing here is handed back to the champion. Attributes and history windows of the challenger alone are read
beside the champion's, so that no answer and no reject depends on whether there is a challenger.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np

from functions.scoring.history.join import NOTHING, History, Joined
from functions.scoring.model.scorer import Observations, Scorer
from functions.scoring.shadow.tally import ShadowTally

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
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
    shared : (n,) array of uint64, optional
        See `functions.scoring.history.join.History`.
    """

    def __init__(
        self,
        challenger: Scorer,
        champion: Scorer,
        attributes: Sequence[int],
        store: SnapshotStore | None,
        shared: NDArray[np.uint64] | None = None,
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
            self._history = History(store, challenger.attributes, windows, shared)
        self._failed_at: int | None = None

    @property
    def version(self) -> str:
        """The challenger's version."""
        return self._challenger.model.version

    def join(
        self, dates: NDArray[np.datetime64], serials: pa.StringArray, models: NDArray[np.uint64]
    ) -> Joined | Exception | None:
        """Join rows for the challenger alone; None where the champion's history serves it.

        Returns what it failed with instead of raising it, for `compare`.
        """
        if self._history is None or self._failed_at is not None:
            return None
        try:
            return self._history.join(dates, serials, models)
        except Exception as error:  # noqa: BLE001 - see `compare`
            return error

    def compare(
        self,
        first_line: int,
        rows: Rows,
        models: pa.DictionaryArray,
        decoded: NDArray[np.float64],
        seen: Observations,
        champion: Scores,
        joined: Joined | Exception | None,
    ) -> ShadowTally:
        """Score a block's rows, decoded (n, len(attributes)), and count both models' answers.

        *models* are the rows' drive models. It takes what `join` returned. It never raises: a failure is part
        of the tally. After one, later blocks of the file are passed over, but not earlier ones, so that one
        failure is found however threads take turns.
        """
        failed_at = self._failed_at
        if not len(rows.lines) or (failed_at is not None and failed_at < first_line):
            return ShadowTally(self.version)
        try:
            by_name = self._challenger.scopes.of_models(models, rows.stated)
            scores = self._challenger.score(self._observations(by_name, decoded, seen, joined))
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

    def _observations(
        self,
        by_name: NDArray[np.int8],
        decoded: NDArray[np.float64],
        seen: Observations,
        joined: Joined | Exception | None,
    ) -> Observations:
        now = decoded[:, self._columns]
        shared = self._shared
        if shared is not None:
            earlier = {window: values[:, shared] for window, values in seen.earlier.items()}
            return Observations(by_name, now, earlier, seen.ages)
        if isinstance(joined, Exception):
            raise joined
        found = joined or NOTHING
        return Observations(by_name, now, found.earlier, found.ages)


def _column_indices(wanted: Sequence[int], attributes: Sequence[int]) -> NDArray[np.intp]:
    column = {attribute: index for index, attribute in enumerate(attributes)}
    return np.array([column[attribute] for attribute in wanted], dtype=np.intp)
