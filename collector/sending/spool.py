"""Parcels that wait on disk until they are delivered: bounded, oldest first, whole or not there."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import Iterator

from collector.files import remove_unfinished, write_whole
from collector.sending.parcel import DamagedParcelError, Parcel, pack, unpack

ENDING = ".parcel"
DAMAGED = ".damaged"
"""Ending of what cannot be read: kept for a person to look at, one file, and counted as lost."""

_DIGITS = 20


class Spool:
    """A folder of parcels. Its user has the folder to himself, see `collector.files.only_run_in`.

    Parameters
    ----------
    folder : Path
        Made where it is missing.
    limit : int
        Bytes that wait at most; the newest parcel is kept even where it alone has more.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder = folder
        self.limit = limit
        self.complaints: list[str] = []
        self._unsaved: list[Parcel] = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
            remove_unfinished(folder)
        except OSError as error:  # told when something has to be kept
            self.complaints.append(error.strerror or str(error))

    def add(self, parcel: Parcel) -> list[str]:
        """Store a parcel in place of an older one of its name; return the names dropped for want of room.

        Where the disk refuses it waits in memory, until the process ends, and ``complaints`` says why.
        """
        waiting = self._paths()
        last = int(waiting[-1].name[:_DIGITS]) if waiting else 0
        # a clock that was set back must not put the newest first
        number = max(time.time_ns(), last + 1)
        path = self.folder / "{:0{}d}-{}{}".format(number, _DIGITS, parcel.key, ENDING)
        try:
            write_whole(path, pack(parcel), 0o600)
        except OSError as error:
            self.complaints.append(error.strerror or str(error))
            self._unsaved.append(parcel)
            return []
        for older in waiting:
            if older.name[_DIGITS + 1 :] == path.name[_DIGITS + 1 :]:
                _remove(older)
        return self._shrink()

    def waiting(self) -> Iterator[tuple[Path | None, Parcel]]:
        """Yield what waits, oldest first, each with its file; damaged ones are for `put_damaged_aside`."""
        for path in self._paths():
            parcel = _read(path)
            if parcel is not None:
                yield path, parcel
        for parcel in list(self._unsaved):
            yield None, parcel

    def put_damaged_aside(self) -> list[str]:
        """Take files that cannot be read out of the way; return their new names."""
        damaged = [path for path in self._paths() if _read(path) is None]
        for path in damaged:
            path.replace(path.with_suffix(DAMAGED))
        return [path.with_suffix(DAMAGED).name for path in damaged]

    def remove(self, path: Path | None, parcel: Parcel) -> None:
        """Remove what `waiting` gave, once it was delivered."""
        if path is None:
            self._unsaved.remove(parcel)
        else:
            _remove(path)

    def unsaved(self) -> list[str]:
        """Return the names of what waits in memory alone."""
        return [parcel.name for parcel in self._unsaved]

    def __len__(self) -> int:
        return len(self._paths())

    def _paths(self) -> list[Path]:
        return sorted(path for path in self.folder.glob("*" + ENDING) if path.name[:_DIGITS].isdigit())

    def _shrink(self) -> list[str]:
        paths = self._paths()
        sizes = [path.stat().st_size for path in paths]
        dropped = []
        while sum(sizes) > self.limit and len(paths) > 1:
            oldest = paths.pop(0)
            sizes.pop(0)
            parcel = _read(oldest)
            dropped.append(parcel.name if parcel is not None else oldest.name)
            _remove(oldest)
        return dropped


def _read(path: Path) -> Parcel | None:
    try:
        return unpack(path.read_bytes())
    except (DamagedParcelError, OSError):
        return None


def _remove(path: Path) -> None:
    with suppress(FileNotFoundError):
        path.unlink()
