"""Snapshot days kept between the files of a process, as long as they are small.

Where a day came as many small files, every file of a later day would read all of its snapshots. So what was
read is kept by version: of a day that was read before, only the snapshots that are new or have been replaced
are read. Which ones are there is asked of the store for every file. A large day is not kept, nor a large
snapshot: reading it takes little beside scoring files of that size, and it would take the memory of the next
one.
"""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from functions.scoring.history.lookup import Snapshot, SnapshotPart, joined, read_part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from functions.scoring.history.snapshots import SnapshotStore

KEPT_BYTES = 128 * 1024 * 1024
"""Of all days together: the two days that a file is joined with, of some 50,000 files of one row each. Two
days of 300,000 drives in 500 files each take 60 MiB with four attributes, 47 bytes a drive in its part and 55
in all parts as one."""

PART_MOST_BYTES = 8 * 1024 * 1024
"""Of a snapshot that is kept: some 170,000 drives. A run holds its days anyway, their parts it does not."""

PART_BYTES = 1_200
"""A snapshot, and a day, takes beside the content of its arrays: version and name, source, the objects."""

type _Key = tuple[dt.date, tuple[int, ...]]


@dataclass
class _Day:
    lock: Lock = field(default_factory=Lock)
    """Held while the day is read: who needs the same waits, rather than reads it too."""

    versions: Mapping[str, str] | None = None
    """As the store gave them when the day was read."""

    parts: dict[str, SnapshotPart] = field(default_factory=dict)
    """By version."""

    snapshot: Snapshot | None = None
    """All parts as one."""

    sources: frozenset[str] = frozenset()
    """Of the parts."""

    nbytes: int = 0


_days: OrderedDict[_Key, _Day] = OrderedDict()
_lock = Lock()


def read_day(
    store: SnapshotStore, day: dt.date, names: Sequence[str], attributes: Sequence[int], own_source: str
) -> Snapshot | None:
    """Return all snapshots of a day as one.

    Parameters
    ----------
    store : SnapshotStore
    day : date
    names : sequence of str
        Snapshots, sorted; one that has expired meanwhile is as good as none.
    attributes : sequence of int
        Counters wanted.
    own_source : str
        Snapshots written from this source are passed over.

    Returns
    -------
    Snapshot or None
        None when nothing is left.

    Raises
    ------
    ArrowException, KeyError, TypeError, UnicodeDecodeError
        A snapshot is damaged.
    """
    if not names:
        return None
    versions = store.versions(day)
    if versions is None:
        read = (_read(store, day, name, attributes, own_source) for name in names)
        return joined([part for part in read if part is not None], own_source)
    key = (day, tuple(attributes))
    with _lock:
        kept = _days.setdefault(key, _Day())
        _days.move_to_end(key)
    # If not, the day has changed since it was listed, or another thread has listed it anew.
    same = list(versions) == list(names)
    with kept.lock:
        current = same and kept.versions == versions
        if current and kept.snapshot is not None and own_source not in kept.sources:
            return kept.snapshot
        # Not held while the next one is made.
        kept.snapshot = None
        parts: list[SnapshotPart] = []
        by_version: dict[str, SnapshotPart] = {}
        for name in names:
            version = versions.get(name)
            part = None if version is None else kept.parts.get(version)
            part = part or _read(store, day, name, attributes, own_source)
            if part is None:
                same = False
                continue
            parts.append(part)
            if version is not None:
                by_version[version] = part
        snapshot = joined(parts, own_source)
        _keep(kept, versions, by_version, snapshot if same else None, own_source)
    _make_room(key, kept)
    return snapshot


def _read(
    store: SnapshotStore, day: dt.date, name: str, attributes: Sequence[int], own_source: str
) -> SnapshotPart | None:
    content = store.load(day, name)
    return None if content is None else read_part(content, attributes, own_source)


def _keep(
    kept: _Day,
    versions: Mapping[str, str],
    by_version: dict[str, SnapshotPart],
    snapshot: Snapshot | None,
    own_source: str,
) -> None:
    kept.versions = versions
    small = {version: part for version, part in by_version.items() if part.nbytes <= PART_MOST_BYTES}
    # Of a snapshot of the run's own source nothing was read.
    kept.parts = {version: part for version, part in small.items() if part.keys}
    kept.sources = frozenset(part.source for part in by_version.values())
    # Without those of the own source it is of use to nobody else.
    kept.snapshot = snapshot if own_source not in kept.sources and len(small) == len(by_version) else None
    kept.nbytes = (1 + len(versions)) * PART_BYTES + sum(part.nbytes for part in kept.parts.values())
    kept.nbytes += 0 if kept.snapshot is None else kept.snapshot.nbytes


def _make_room(key: _Key, kept: _Day) -> None:
    """Drop a day that is too large, or what has not been used for longest."""
    with _lock:
        if kept.nbytes > KEPT_BYTES and _days.get(key) is kept:
            del _days[key]
        while sum(each.nbytes for each in _days.values()) > KEPT_BYTES:
            _days.popitem(last=False)
