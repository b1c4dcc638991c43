"""A file that has come in part: its bytes, and which version of the published file they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec


class Version(msgspec.Struct, frozen=True):
    """The identity of one version of a published file.

    Attributes
    ----------
    size : int or None
        Bytes, where the server says.
    etag, modified, file_id : str
        ``ETag``, ``Last-Modified``, and Backblaze's ``x-bz-file-id``; empty where the server sends none.
    """

    url: str
    size: int | None
    etag: str = ""
    modified: str = ""
    file_id: str = ""

    @classmethod
    def of(cls, url: str, size: int | None, headers: Mapping[str, str]) -> Version:
        """Read it from the headers of a response."""
        names = ("etag", "last-modified", "x-bz-file-id")
        return cls(url, size, *(headers.get(name, "") for name in names))

    @property
    def condition(self) -> str:
        """The ``If-Range`` that asks for the rest of this version only; empty where none can be had.

        A weak ETag promises the same meaning, not the same bytes, so it must not be used (RFC 9110, 13.1.5).
        """
        return self.etag if self.etag and not self.etag.startswith("W/") else self.modified


class Partial:
    """A ``.part`` file beside the final one, with its version in ``.part.json``.

    Parameters
    ----------
    target : Path
        The final file.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.path = target.with_name(target.name + ".part")
        self._about = target.with_name(target.name + ".part.json")

    @property
    def size(self) -> int:
        """Bytes that have come."""
        return self.path.stat().st_size if self.path.exists() else 0

    def version(self, url: str) -> Version | None:
        """Return the version the bytes belong to; None when it is not known or from another address."""
        try:
            version = msgspec.json.decode(self._about.read_bytes(), type=Version)
        except (OSError, msgspec.MsgspecError):
            return None
        return version if version.url == url else None

    def start(self, version: Version) -> None:
        """Throw away what has come and begin with a version."""
        self._about.unlink(missing_ok=True)
        self.path.write_bytes(b"")
        self._about.write_bytes(msgspec.json.encode(version))

    def finish(self) -> None:
        """Give the file its final name."""
        self.path.replace(self.target)
        self._about.unlink(missing_ok=True)

    def discard(self) -> None:
        """Throw away what has come."""
        self._about.unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)
