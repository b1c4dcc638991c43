"""Files that are there whole or not at all, and a folder for one run at a time."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Iterator

from collector.errors import BusyError, ConfigurationError

UNFINISHED = ".unfinished"
"""Ending of a file that is being written; a run that was killed leaves it, the next one removes it."""

LOOK_SECONDS = 0.1


@contextmanager
def only_run_in(folder: Path, patience: float) -> Iterator[None]:
    """Have a folder for this run alone, and make it where it is missing; the lock ends with the process.

    Raises
    ------
    BusyError
        Another run has it for longer than *patience* seconds.
    ConfigurationError
        The folder cannot be used.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(str(folder), os.O_RDONLY)
    except OSError as error:
        raise ConfigurationError(f"the folder {folder} cannot be used: {error.strerror}") from None
    try:
        ends = time.monotonic() + patience
        # The folder itself is locked: a lock file would have to be removed, and then two could hold it.
        while not _lock(descriptor):
            if time.monotonic() >= ends:
                raise BusyError(f"another run works in {folder}; it had it for {patience:.0f} s")
            time.sleep(LOOK_SECONDS)
        yield
    finally:
        os.close(descriptor)


def write_whole(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a file so that it has its old content or the new one, whenever the machine stops.

    Mode and owner are those of the file that is replaced; the caller has the folder for itself. OSError as of
    the disk.
    """
    earlier = path.stat() if path.exists() else None
    unfinished = path.with_name(f".{path.name}{UNFINISHED}")
    try:
        descriptor = os.open(str(unfinished), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as file:
            if earlier is not None:
                os.fchmod(descriptor, earlier.st_mode & 0o777)
                with suppress(PermissionError):
                    os.fchown(descriptor, earlier.st_uid, earlier.st_gid)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        unfinished.replace(path)
    except OSError:
        with suppress(OSError):
            unfinished.unlink()
        raise
    _sync_folder(path.parent)


def remove_unfinished(folder: Path) -> None:
    """Remove what killed runs left in a folder that the caller has for itself."""
    for path in folder.glob(".*" + UNFINISHED):
        with suppress(FileNotFoundError):
            path.unlink()


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise
    return True


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(str(folder), os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:  # some network file systems sync no folders
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)
