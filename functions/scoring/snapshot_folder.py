"""History snapshots in a local folder, ``<folder>/<YYYY-MM-DD>/<name>.arrow``."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

SUFFIX = ".arrow"


class FolderSnapshotStore:
    """A `SnapshotStore` on the local disk.

    Parameters
    ----------
    folder : Path
        Created when the first snapshot is written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self, day: dt.date) -> list[str]:
        """Return the names of a day's snapshots, sorted."""
        base = self._folder / day.isoformat()
        return sorted(path.relative_to(base).as_posix()[: -len(SUFFIX)] for path in base.rglob(f"*{SUFFIX}"))

    def versions(self, day: dt.date) -> None:
        """Return None: a file's date does not tell two writings of one moment apart."""

    def load(self, day: dt.date, name: str) -> bytes | None:
        """Return one snapshot whole; None when it is not there, or no more."""
        try:
            return self._path(day, name).read_bytes()
        except FileNotFoundError:
            return None

    @contextmanager
    def create(self, day: dt.date, name: str) -> Iterator[BinaryIO]:
        """Write beside the snapshot and rename at the end, so that nobody sees half of one."""
        path = self._path(day, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(path.name + ".part")
        try:
            with partial.open("wb") as sink:
                yield sink
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)

    def _path(self, day: dt.date, name: str) -> Path:
        return self._folder / day.isoformat() / (name + SUFFIX)
