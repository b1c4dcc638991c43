"""Earlier values of the drives of a file, a week and four weeks before.

For every row of day t and every history window the snapshot day nearest to the window's age is joined by
drive, that is by serial number and model; by the serial number alone where the snapshot names no models and
only one drive model of the file has it on a date. Which snapshots exist is asked once a run and date, so a
file is scored against one state of the history. Rows of many blocks are joined at once, day by day: where a
file is sorted by drive, and its rows need more days than can be kept, each day is read once for all of them.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from functions.scoring.drive_keys import DriveKeys, is_among
from functions.scoring.history import day_cache

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from functions.scoring.history.lookup import Snapshot
    from functions.scoring.history.snapshots import SnapshotStore
    from functions.scoring.model.features import HistoryWindow


class Joined(NamedTuple):
    """Earlier values of some rows.

    Attributes
    ----------
    earlier : dict of int to (n, k) array of float64
        Decoded values by window (its `days`), NaN where there is no snapshot or the drive is not in it.
        A window without a snapshot for any row is left out.
    ages : dict of int to (n,) array of int32
        Age in days of the snapshot the drive was found in, by window; 0 for none.
    by_serial : (n,) array of bool
        Rows that were found by their serial number alone, in any window.
    """

    earlier: dict[int, NDArray[np.float64]]
    ages: dict[int, NDArray[np.int32]]
    by_serial: NDArray[np.bool_]

    def rows(self, start: int, end: int) -> Joined:
        """Return some of the rows."""
        return Joined(
            {days: values[start:end] for days, values in self.earlier.items()},
            {days: ages[start:end] for days, ages in self.ages.items()},
            self.by_serial[start:end],
        )


NOTHING = Joined({}, {}, np.zeros(0, dtype=bool))
"""Of rows that are joined with no history."""


class History:
    """Earlier values of drives, read from snapshots.

    Parameters
    ----------
    attributes : sequence of int
        Column order of the matrices returned.
    shared : (n,) array of uint64, optional
        Serial numbers that several drive models of the file have, see
        `functions.scoring.csv.duplicates.RepeatedSerials`.

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
        shared: NDArray[np.uint64] | None = None,
    ) -> None:
        self._store = store
        self._attributes = tuple(attributes)
        self._windows = tuple(windows)
        self._shared = shared
        self._versions: dict[dt.date, Mapping[str, str]] = {}
        self.used: set[str] = set()

    def join(
        self, dates: NDArray[np.datetime64], serials: pa.StringArray, models: NDArray[np.uint64]
    ) -> Joined:
        """Find the earlier values of rows.

        Parameters
        ----------
        dates : (n,) array of datetime64[D]
        serials : (n,) string array
        models : (n,) array of uint64
            See `functions.scoring.drive_keys.model_hashes`.

        Raises
        ------
        SnapshotError
            A snapshot is damaged.
        """
        ages = {window.days: np.zeros(len(serials), np.int32) for window in self._windows}
        found = Joined({}, ages, np.zeros(len(serials), dtype=bool))
        pending = [(day, window, rows) for day, rows in _by_date(dates) for window in self._windows]
        if not any(self._nearest(day, window) for day, window, _ in pending):
            return found
        drives = DriveKeys.of(serials, models)
        shared = None if self._shared is None else is_among(drives.by_serial, self._shared)
        while pending:
            wanted = defaultdict(list)
            for day, window, rows in pending:
                if (nearest := self._nearest(day, window)) is not None:
                    wanted[nearest].append((day, window, rows))
            pending = []
            # What is in memory first: reading the others lets go of it.
            for earlier_day in sorted(wanted, key=self._must_be_read):
                snapshot = self._snapshot(earlier_day)
                if snapshot is None:
                    # It has expired since it was listed: another day may be the nearest now.
                    self._versions[earlier_day] = {}
                    pending += wanted[earlier_day]
                    continue
                self.used.add(earlier_day.isoformat())
                for day, window, rows in wanted[earlier_day]:
                    values, by_serial = snapshot.find(
                        drives.rows(rows), None if shared is None else shared[rows]
                    )
                    found.by_serial[rows] |= by_serial
                    age = (day - earlier_day).days
                    found.ages[window.days][rows] = np.where(_without_values(values), 0, age)
                    if len(values) == len(serials):
                        found.earlier[window.days] = values
                        continue
                    if window.days not in found.earlier:
                        found.earlier[window.days] = np.full((len(serials), values.shape[1]), np.nan)
                    found.earlier[window.days][rows] = values
        return found

    def _nearest(self, day: dt.date, window: HistoryWindow) -> dt.date | None:
        for age in window.ages():
            earlier_day = day - dt.timedelta(days=age)
            if earlier_day not in self._versions:
                self._versions[earlier_day] = self._store.versions(earlier_day)
            if self._versions[earlier_day]:
                return earlier_day
        return None

    def _must_be_read(self, day: dt.date) -> bool:
        return not day_cache.CACHE.has(self._versions[day], self._attributes)

    def _snapshot(self, day: dt.date) -> Snapshot | None:
        return day_cache.CACHE.day(self._store, day, self._versions[day], self._attributes)


def _by_date(dates: NDArray[np.datetime64]) -> Iterator[tuple[dt.date, NDArray[np.intp] | slice]]:
    """Yield each date, ascending, and its rows."""
    if len(dates) and (dates == dates[0]).all():
        yield dates[0].item(), slice(None)
        return
    order = np.argsort(dates, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(dates[order])) + 1):
        if len(rows):
            yield dates[rows[0]].item(), rows


def _without_values(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which rows have nothing but NaN."""
    nothing = np.ones(len(values), dtype=bool)
    # Column by column: several times as fast as `all` along the axis.
    for column in values.T:
        nothing &= np.isnan(column)
    return nothing
