"""History snapshots in a local folder, ``<folder>/<YYYY-MM-DD>/<name>.arrow``."""

from __future__ import annotations

import glob
import os
from collections import OrderedDict
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO

import pyarrow as pa

from functions.errors import SnapshotError
from functions.scoring.history.snapshots import SOURCE_KEY
from functions.scoring.seal import dates_sealed, unseal
from functions.scoring.telemetry import file_stem

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

SUFFIX = ".arrow"

MOST_WRITINGS = 20_000
"""So many writings of this process are remembered, some 5 MB. They matter for as long as two writings of one
snapshot can look alike, a tick of the file system's clock."""

_writings: OrderedDict[str, int] = OrderedDict()
_writings_made = 0
_writings_lock = Lock()


class FolderSnapshotStore:
    """A `SnapshotStore` on the local disk.

    Parameters
    ----------
    folder : Path
        Created when the first snapshot is written.
    source : str
        The file that is scored, see `functions.scoring.history.snapshots.source_id`.
    location : str
        Where that file is: its snapshots have this folder, so that equally named files are kept apart.
    """

    def __init__(self, folder: Path, source: str = "", location: str = "") -> None:
        self._folder = folder
        self._place = location
        self._source = source

    def versions(self, day: dt.date) -> dict[str, str]:
        """Return by name what tells each snapshot from every other: path, inode, size, dates and writing.

        The file system's clock may be too coarse to tell two writings of one moment apart; those of this
        process are counted. Another program that overwrites a snapshot in place, twice within one tick of
        that clock and with as many bytes, is not noticed.
        """
        folder = self._real_folder(day)
        found = {}
        for name, entry in sorted(_list_files(folder), key=itemgetter(0)):
            path = f"{folder}/{name}"
            # Before the file is looked at: a writing in between is another version when it is listed next.
            writing = _writings.get(path, 0)
            try:
                status = entry.stat()
            except OSError:
                continue
            if not self._has_written(day, name):
                found[name] = (
                    f"{path} {status.st_dev}-{status.st_ino} {status.st_size} "
                    f"{status.st_mtime_ns} {status.st_ctime_ns} {writing}"
                )
        return found

    def _has_written(self, day: dt.date, name: str) -> bool:
        """Tell whether the file that is scored left it: in this version, or in any that had several dates."""
        if name != self._own:
            return False
        source, dates = _origin(self._path(day, name))
        return source == self._source or dates > 1

    def withdraw(self, days: Iterable[dt.date], name: str) -> bool:
        """Delete what an earlier version of the file left on some days; return whether it was history."""
        found = False
        for day in days:
            path = self._path(day, self._own_name(name))
            source, dates = _origin(path)
            if dates == 1 and self._is_earlier(source):
                path.unlink()
                found = True
        return found

    def withdraw_earlier(self) -> None:
        """Delete what earlier versions of the file left, if they had several dates."""
        for path in self._folder.glob(f"*/{glob.escape(self._own)}{SUFFIX}"):
            with path.open("rb") as file:
                several = (dates_sealed(file) or 1) > 1
            if several and self._is_earlier(_origin(path)[0]):
                path.unlink()

    def _is_earlier(self, source: str | None) -> bool:
        if source is None or source == self._source:
            return False
        return source.rpartition("\n")[0] == self._source.rpartition("\n")[0]

    @property
    def _own(self) -> str:
        return self._own_name(file_stem(self._source.rpartition("\n")[0]))

    def _own_name(self, name: str) -> str:
        return f"{self._place}/{name}" if self._place else name

    def load(self, day: dt.date, name: str) -> bytes | None:
        """Return one snapshot whole; None when it is not there, or no more."""
        try:
            return self._path(day, name).read_bytes()
        except FileNotFoundError:
            return None

    @contextmanager
    def create(self, day: dt.date, name: str) -> Iterator[BinaryIO]:
        """Write beside the snapshot and rename at the end, so that nobody sees half of one.

        Raises
        ------
        SnapshotError
            An Arrow file of somebody else is in its place.
        """
        name = self._own_name(name)
        path = self._path(day, name)
        if _is_foreign(path):
            raise SnapshotError(
                f"{path} is there already and is no snapshot, so it is not replaced. Choose another "
                "--history folder, or move that file away."
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(path.name + ".part")
        try:
            with partial.open("wb") as sink:
                yield sink
            partial.replace(path)
            _count_writing(f"{self._real_folder(day)}/{name}")
        except OSError as error:
            error.filename = error.filename or str(partial)  # a write does not say where
            raise
        finally:
            partial.unlink(missing_ok=True)

    def _real_folder(self, day: dt.date) -> str:
        """Return the folder of a day, the same by whichever way it was reached."""
        return os.path.realpath(self._folder / day.isoformat())

    def _path(self, day: dt.date, name: str) -> Path:
        return self._folder / day.isoformat() / (name + SUFFIX)


def _origin(path: Path) -> tuple[str | None, int]:
    """Return what a snapshot was written from, and how many dates that had; None if it is damaged."""
    try:
        content, dates = unseal(path.read_bytes())
        with pa.ipc.open_file(pa.py_buffer(content)) as reader:
            source = (reader.schema.metadata or {}).get(SOURCE_KEY)
            return None if source is None else source.decode(), dates or 1
    except Exception:  # noqa: BLE001 - who reads it says that it is damaged
        return None, 1


def _is_foreign(path: Path) -> bool:
    """Whether an Arrow file that is no snapshot is there; a damaged one is cured by replacing it."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return False
    try:
        with pa.ipc.open_file(pa.py_buffer(unseal(content).content)) as reader:
            return SOURCE_KEY not in (reader.schema.metadata or {})
    except Exception:  # noqa: BLE001 - Arrow raises errors of many kinds
        return False


def _list_files(folder: str, prefix: str = "") -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Find the snapshots in a folder and the folders in it, by name; none if it is not there."""
    try:
        with os.scandir(folder) as entries:
            found = list(entries)
    except OSError:
        return
    for entry in found:
        if entry.name.endswith(SUFFIX):
            yield prefix + entry.name[: -len(SUFFIX)], entry
        if entry.is_dir(follow_symlinks=False):
            yield from _list_files(entry.path, f"{prefix}{entry.name}/")


def _count_writing(path: str) -> None:
    global _writings_made  # noqa: PLW0603
    with _writings_lock:
        _writings_made += 1
        _writings[path] = _writings_made
        _writings.move_to_end(path)
        if len(_writings) > MOST_WRITINGS:
            _writings.popitem(last=False)
