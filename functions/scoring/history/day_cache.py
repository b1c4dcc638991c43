"""Snapshot days of one run: those its blocks need are held in memory, as far as there is room.

Blocks in the order of their dates need the same few days over and over. Where a block needs more than can be
held, because a fleet is very large or a file is sorted by drive and not by date, the days that do not fit are
read for the drives of that block alone.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, OrderedDict
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from functions.errors import SnapshotError
from functions.scoring.history.kept_days import read_day
from functions.scoring.history.lookup import Snapshot, joined, read_part
from functions.scoring.serial_keys import serial_hashes, serial_keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from functions.scoring.history.snapshots import SnapshotStore

HELD_BYTES = 64 * 1024 * 1024
"""Of all days that are held, as long as one block does not need more: four days of 300,000 drives, which a
block needs in which one date ends and the next begins."""

MOST_BYTES = 320 * 1024 * 1024
"""Of the days that one block needs: two days of three million drives each."""

MOST_TIMES = 3
"""A day is read whole so often at most. Two times are what a file sorted by date needs, a week and four weeks
later; where dates come round and round, it would be let go of each time before it is needed again."""


class BlockDrives:
    """The drives of one block, and the days that were read for them alone.

    Parameters
    ----------
    serials : (n,) string array

    Attributes
    ----------
    days : set of date
        Needed so far.
    read : dict of date to Snapshot
        With no other drives than these.
    """

    def __init__(self, serials: pa.StringArray) -> None:
        self._serials = serials
        self.days: set[dt.date] = set()
        self.read: dict[dt.date, Snapshot] = {}

    @cached_property
    def keys(self) -> NDArray[np.bytes_]:
        """Serial numbers; see `functions.scoring.serial_keys.serial_keys`."""
        return serial_keys(self._serials)

    @cached_property
    def hashes(self) -> NDArray[np.uint64]:
        """Their hashes."""
        return serial_hashes(self.keys)

    @cached_property
    def wanted(self) -> NDArray[np.uint64]:
        """Their hashes, ascending, each once."""
        return np.unique(self.hashes)


class HistoryDays:
    """Snapshot days, by date. Used by several threads at once.

    Parameters
    ----------
    store : SnapshotStore
        Asked once for the names of a day: a file is scored against one state of the history.
    attributes : sequence of int
    own_source : str
        See `functions.scoring.history.snapshots.SnapshotWriter`.
    """

    def __init__(self, store: SnapshotStore, attributes: Sequence[int], own_source: str) -> None:
        self._store = store
        self._attributes = tuple(attributes)
        self._own_source = own_source
        self._names: dict[dt.date, list[str]] = {}
        self._times_read: Counter[dt.date] = Counter()
        self._held: OrderedDict[dt.date, Snapshot | None] = OrderedDict()
        self._lock = Lock()

    def snapshot(self, day: dt.date, drives: BlockDrives) -> Snapshot | None:
        """Return a day, or as much of it as there is of a block's drives; None if there is no such day.

        Raises
        ------
        SnapshotError
            A snapshot of that day is damaged.
        """
        if day in drives.read:
            return drives.read[day]
        with self._lock:
            if day not in self._names:
                self._names[day] = self._store.names(day)
            if not self._names[day]:
                return None
            drives.days.add(day)
            if day not in self._held and self._has_room(drives) and self._times_read[day] < MOST_TIMES:
                self._times_read[day] += 1
                self._held[day] = self._load(day, None)
                self._make_room(drives)
            if day in self._held:
                self._held.move_to_end(day)
                return self._held[day]
        found = self._load(day, drives.wanted)
        if found is not None:
            drives.read[day] = found
        return found

    def _has_room(self, drives: BlockDrives) -> bool:
        """Tell whether a day as large as any so far fits beside the others that the block needs."""
        sizes = {day: snapshot.nbytes for day, snapshot in self._held.items() if snapshot is not None}
        needed = sum(size for day, size in sizes.items() if day in drives.days)
        return not needed or needed + max(sizes.values()) <= MOST_BYTES

    def _make_room(self, drives: BlockDrives) -> None:
        """Let go of what has not been needed for longest, and is not by this block."""
        held = sum(snapshot.nbytes for snapshot in self._held.values() if snapshot is not None)
        for day in [day for day in self._held if day not in drives.days]:
            if held <= HELD_BYTES:
                return
            snapshot = self._held.pop(day)
            held -= 0 if snapshot is None else snapshot.nbytes

    def _load(self, day: dt.date, wanted: NDArray[np.uint64] | None) -> Snapshot | None:
        names = self._names[day]
        try:
            if wanted is None:
                return read_day(self._store, day, names, self._attributes, self._own_source)
            contents = (self._store.load(day, name) for name in names)
            parts = [
                read_part(content, self._attributes, self._own_source, wanted)
                for content in contents
                if content is not None
            ]
            return joined(parts, self._own_source)
        except (pa.ArrowException, KeyError, TypeError, UnicodeDecodeError) as error:
            msg = (
                f"A history snapshot of {day.isoformat()} is damaged (one of {', '.join(names)}): {error}. "
                "Delete it, or score that day's telemetry again."
            )
            raise SnapshotError(msg) from error
