"""What the drives of a block looked like a week and four weeks earlier.

For every row of day t and every history window the snapshot day nearest to the window's age is joined by
serial number. Which days exist is asked once a run and date, so a file is scored against one state of the
history.
"""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from functions.errors import SnapshotError
from functions.scoring.kept_days import read_day
from functions.scoring.snapshot import SnapshotStore
from functions.scoring.snapshot_lookup import Snapshot, serial_hashes, serial_keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from functions.scoring.features import HistoryWindow

CACHED_DRIVES = 1_200_000
"""Drives held in memory over all snapshots: two days of the largest fleets, and room for more."""


class History:
    """Earlier values of drives, read from snapshots.

    Parameters
    ----------
    store : SnapshotStore
    attributes : sequence of int
        Column order of the matrices returned.
    windows : sequence of HistoryWindow
    own_source : str
        See `functions.scoring.snapshot.SnapshotWriter`.

    Attributes
    ----------
    used : set of str
        The snapshot days that were joined, ISO dates.
    """

    def __init__(
        self,
        store: SnapshotStore,
        attributes: Sequence[int],
        windows: Sequence[HistoryWindow],
        own_source: str,
    ) -> None:
        self._store = store
        self._attributes = tuple(attributes)
        self._windows = tuple(windows)
        self._own_source = own_source
        self._nearest: dict[tuple[dt.date, int], tuple[dt.date, int] | None] = {}
        self._loaded: OrderedDict[dt.date, Snapshot | None] = OrderedDict()
        self._lock = Lock()
        self.used: set[str] = set()

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
        """
        earlier: dict[int, NDArray[np.float64]] = {}
        ages = {window.days: np.zeros(len(serials), dtype=np.int32) for window in self._windows}
        keys: NDArray[np.bytes_] | None = None
        days = np.unique(dates)
        for day in days:
            rows = np.flatnonzero(dates == day) if len(days) > 1 else slice(None)
            for window in self._windows:
                with self._lock:
                    found = self._snapshot(day.item(), window)
                if found is None:
                    continue
                if keys is None:
                    keys = serial_keys(serials)
                    hashes = serial_hashes(keys)
                snapshot, age = found
                values = snapshot.find(keys[rows], hashes[rows])
                ages[window.days][rows] = np.where(_without_values(values), 0, age)
                if len(days) == 1:
                    earlier[window.days] = values
                    continue
                if window.days not in earlier:
                    earlier[window.days] = np.full((len(keys), len(self._attributes)), np.nan)
                earlier[window.days][rows] = values
        return earlier, ages

    def _snapshot(self, day: dt.date, window: HistoryWindow) -> tuple[Snapshot, int] | None:
        place = (day, window.days)
        if place in self._nearest:
            nearest = self._nearest[place]
            if nearest is None:
                return None
            snapshot = self._load(nearest[0])
            return None if snapshot is None else (snapshot, nearest[1])
        self._nearest[place] = None
        for age in window.ages():
            earlier_day = day - dt.timedelta(days=age)
            snapshot = self._load(earlier_day)
            if snapshot is not None:
                self._nearest[place] = (earlier_day, age)
                self.used.add(earlier_day.isoformat())
                return snapshot, age
        return None

    def _load(self, day: dt.date) -> Snapshot | None:
        if day in self._loaded:
            self._loaded.move_to_end(day)
            return self._loaded[day]
        names = self._store.names(day)
        try:
            snapshot = read_day(self._store, day, names, self._attributes, self._own_source)
        except (pa.ArrowException, KeyError, TypeError, UnicodeDecodeError) as error:
            msg = (
                f"A history snapshot of {day.isoformat()} is damaged (one of {', '.join(names)}): {error}. "
                "Delete it, or score that day's telemetry again."
            )
            raise SnapshotError(msg) from error
        self._loaded[day] = snapshot
        while self._held() > CACHED_DRIVES and len(self._loaded) > 1:
            self._loaded.popitem(last=False)
        return snapshot

    def _held(self) -> int:
        return sum(len(snapshot.serials) for snapshot in self._loaded.values() if snapshot is not None)


def _without_values(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which rows have nothing but NaN."""
    nothing = np.ones(len(values), dtype=bool)
    # Column by column: several times as fast as `all` along the axis.
    for column in values.T:
        nothing &= np.isnan(column)
    return nothing
