"""Snapshot days in memory, of all runs of the process: the day that was not needed for longest goes first.

A day is kept whole, under the versions of its snapshots, so that a day that has changed is another one.
Where a day came as many small files, each of them is kept as well: of a day that grows only what is new is
read.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from functions.errors import SnapshotError
from functions.scoring.history.lookup import Snapshot, SnapshotPart, join_parts, read_part
from functions.scoring.seal import unseal

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from functions.scoring.history.snapshots import SnapshotStore

BUDGET_BYTES = 256 * 1024 * 1024
"""Of all that is kept: two days of 2.5 million drives, or of 50,000 files of one row each."""

SMALL_BYTES = 1024 * 1024
"""A snapshot up to this size is kept beside its day; a larger one is quickly read again."""

ENTRY_BYTES = 1_200
"""A snapshot or day takes beside its arrays: key, versions, the objects."""


@dataclass(eq=False)
class _Entry:
    lock: Lock = field(default_factory=Lock)
    """Held while the entry is made: who needs the same waits, rather than makes it too."""

    value: Snapshot | SnapshotPart | None = None
    nbytes: int = 0


class DayCache:
    """Days and small snapshots by version, up to a number of bytes. Used by several threads at once."""

    def __init__(self, budget: int = BUDGET_BYTES) -> None:
        self._budget = budget
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._lock = Lock()

    @property
    def nbytes(self) -> int:
        """Bytes of all that is kept."""
        return sum(entry.nbytes for entry in self._entries.values())

    def has(self, versions: Mapping[str, str], attributes: Sequence[int]) -> bool:
        """Tell whether a day need not be read."""
        with self._lock:
            return _day_key(versions, attributes) in self._entries

    def day(
        self, store: SnapshotStore, day: dt.date, versions: Mapping[str, str], attributes: Sequence[int]
    ) -> Snapshot | None:
        """Return all snapshots of a day as one; None when all of them have expired meanwhile.

        Parameters
        ----------
        versions : mapping of str to str
            As the store gave them.
        attributes : sequence of int
            Counters wanted.

        Raises
        ------
        SnapshotError
            A snapshot is damaged.
        """

        def make() -> tuple[Snapshot | None, int]:
            parts = [self._part(store, day, name, version, attributes) for name, version in versions.items()]
            found = join_parts([part for part in parts if part is not None])
            # Without one that has expired the day is not what its versions say.
            return found, -1 if found is None or None in parts else found.nbytes + 8 * len(versions)

        return self._get(_day_key(versions, attributes), make)

    def _part(
        self, store: SnapshotStore, day: dt.date, name: str, version: str, attributes: Sequence[int]
    ) -> SnapshotPart | None:
        def make() -> tuple[SnapshotPart | None, int]:
            content = store.load(day, name)
            if content is None:
                return None, -1
            try:
                part = read_part(content, attributes)
            except Exception as error:
                # A sealed one is whole, so memory is short; without, a damaged length asks for any amount.
                if isinstance(error, MemoryError) and unseal(content).dates is not None:
                    raise
                raise SnapshotError(
                    f"The history snapshot {day.isoformat()}/{name}.arrow is damaged: {error}. "
                    "Delete it, or score that day's telemetry again."
                ) from error
            return part, part.nbytes if part.nbytes <= SMALL_BYTES else -1

        return self._get((version, tuple(attributes)), make)

    def _get[T: (Snapshot, SnapshotPart)](
        self, key: Hashable, make: Callable[[], tuple[T | None, int]]
    ) -> T | None:
        """Return what is kept under a key, or make it, with its bytes; -1 says that it is not to be kept."""
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            self._entries.move_to_end(key)
        with entry.lock:
            if entry.value is not None:
                return entry.value  # type: ignore[return-value]
            nbytes = -1
            try:
                value, nbytes = make()
            finally:
                with self._lock:
                    self._keep(key, entry, nbytes)
            if nbytes >= 0:
                entry.value = value
            return value

    def _keep(self, key: Hashable, entry: _Entry, nbytes: int) -> None:
        if self._entries.get(key) is not entry:
            return
        if not 0 <= nbytes <= self._budget - ENTRY_BYTES:
            del self._entries[key]
            return
        entry.nbytes = nbytes + ENTRY_BYTES
        while self.nbytes > self._budget:
            self._entries.popitem(last=False)


def _day_key(versions: Mapping[str, str], attributes: Sequence[int]) -> Hashable:
    return tuple(versions.values()), tuple(attributes)


CACHE = DayCache()
"""Of this process."""
