"""What the drives of a block looked like a week and four weeks earlier.

For every row of day t and every history window the snapshot day nearest to the window's age is joined by
serial number. Which days exist is asked once a run and date, so a file is scored against one state of the
history.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from functions.scoring.history.day_cache import BlockDrives, HistoryDays

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from functions.scoring.history.lookup import Snapshot
    from functions.scoring.history.snapshots import SnapshotStore
    from functions.scoring.model.features import HistoryWindow


class History:
    """Earlier values of drives, read from snapshots. Used by several threads at once.

    Parameters
    ----------
    store : SnapshotStore
    attributes : sequence of int
        Column order of the matrices returned.
    windows : sequence of HistoryWindow
    own_source : str
        See `functions.scoring.history.snapshots.SnapshotWriter`.

    Attributes
    ----------
    used : set of str
        The snapshot days that were joined, ISO dates.
    prefers_large_blocks : bool
        The last block needed more days than can be held: the fewer blocks, the less often they are read.
    """

    def __init__(
        self,
        store: SnapshotStore,
        attributes: Sequence[int],
        windows: Sequence[HistoryWindow],
        own_source: str,
    ) -> None:
        self._days = HistoryDays(store, attributes, own_source)
        self._width = len(attributes)
        self._windows = tuple(windows)
        self._nearest: dict[tuple[dt.date, int], tuple[dt.date, int] | None] = {}
        self.used: set[str] = set()
        self.prefers_large_blocks = False

    def join(
        self, dates: NDArray[np.datetime64], serials: pa.StringArray
    ) -> tuple[dict[int, NDArray[np.float64]], dict[int, NDArray[np.int32]]]:
        """Find the earlier values of a block's rows.

        Parameters
        ----------
        dates : (n,) array of datetime64[D]
        serials : (n,) string array

        Returns
        -------
        earlier : dict of int to (n, k) array of float64
            Decoded values by window (its `days`), NaN where there is no snapshot or the drive is not in it.
            A window without a snapshot for any row is left out.
        ages : dict of int to (n,) array of int32
            Age in days of the snapshot the drive was found in, by window; 0 for none.

        Raises
        ------
        SnapshotError
            A snapshot is damaged.
        """
        earlier: dict[int, NDArray[np.float64]] = {}
        ages = {window.days: np.zeros(len(serials), dtype=np.int32) for window in self._windows}
        drives = BlockDrives(serials)
        days = np.unique(dates)
        for day in days:
            rows = np.flatnonzero(dates == day) if len(days) > 1 else slice(None)
            for window in self._windows:
                found = self._snapshot(day.item(), window, drives)
                if found is None:
                    continue
                snapshot, age = found
                values = snapshot.find(drives.keys[rows], drives.hashes[rows])
                ages[window.days][rows] = np.where(_without_values(values), 0, age)
                if len(days) == 1:
                    earlier[window.days] = values
                    continue
                if window.days not in earlier:
                    earlier[window.days] = np.full((len(serials), self._width), np.nan)
                earlier[window.days][rows] = values
        self.prefers_large_blocks = bool(drives.read)
        return earlier, ages

    def _snapshot(
        self, day: dt.date, window: HistoryWindow, drives: BlockDrives
    ) -> tuple[Snapshot, int] | None:
        place = (day, window.days)
        if place in self._nearest:
            nearest = self._nearest[place]
            if nearest is None:
                return None
            snapshot = self._days.snapshot(nearest[0], drives)
            return None if snapshot is None else (snapshot, nearest[1])
        # Two threads may both find the same.
        for age in window.ages():
            earlier_day = day - dt.timedelta(days=age)
            snapshot = self._days.snapshot(earlier_day, drives)
            if snapshot is not None:
                self._nearest[place] = (earlier_day, age)
                self.used.add(earlier_day.isoformat())
                return snapshot, age
        self._nearest[place] = None
        return None


def _without_values(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which rows have nothing but NaN."""
    nothing = np.ones(len(values), dtype=bool)
    # Column by column: several times as fast as `all` along the axis.
    for column in values.T:
        nothing &= np.isnan(column)
    return nothing
