"""The version of the app: release, time of packing, and digest of what is deployed.

Model versions are numbered apart from it. Two versions never score parts of one file. The digest
alone decides whether two are the same, the time of packing which of them is newer.
"""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

RELEASE = "0.1.0"
"""As in CHANGELOG.md; the one part that is written by hand."""

CONTENT = ("function_app.py", "functions", "host.json", "models", "requirements.txt")
"""What is deployed, but for `PACKED`."""

UNUSED = frozenset({"__pycache__", "drive_scores.npz", "evaluation.html", "figures", "pipeline.joblib"})
"""Files and folders inside `CONTENT` that are left out, as .funcignore and .dockerignore say."""

PACKED = "packed.txt"
"""File with the time of packing, which whoever packs writes beside function_app.py: see docs/deploy.md."""

DIGEST_CHARACTERS = 16
"""Of the digest, in names of blobs and in messages: 64 bits."""

_FORM = re.compile(
    rf"(?P<release>.+)\+(?P<packed>\d{{8}}T\d{{6}}Z)\.(?P<digest>[0-9a-f]{{{DIGEST_CHARACTERS}}})"
)
_TIME = "%Y%m%dT%H%M%SZ"
_NEVER = datetime.fromtimestamp(0, UTC)


class AppVersion(NamedTuple):
    """One version of the app.

    Attributes
    ----------
    release : str
        For people.
    packed : datetime
        UTC, whole seconds.
    digest : str
        `DIGEST_CHARACTERS` hexadecimal digits of the deployed content; "" of an app that knew none.
    """

    release: str
    packed: datetime
    digest: str

    def __str__(self) -> str:
        return f"{self.release}+{self.packed.strftime(_TIME)}.{self.digest}"

    def is_same(self, other: AppVersion) -> bool:
        """Whether both have the same content."""
        return self.digest == other.digest

    def is_newer_than(self, other: AppVersion) -> bool:
        """Whether this one was packed later; the digest breaks a tie, so that both agree who is newer."""
        return not self.is_same(other) and (self.packed, self.digest) > (other.packed, other.digest)

    @classmethod
    def read(cls, text: str) -> AppVersion:
        """Read ``str`` of a version; a text of another form is that of an app older than all others."""
        if found := _FORM.fullmatch(text):
            with suppress(ValueError):  # of a time that is none
                packed = datetime.strptime(found["packed"], _TIME).replace(tzinfo=UTC)
                return cls(found["release"], packed, found["digest"])
        return cls(text, _NEVER, "")


@lru_cache(maxsize=1)
def app_version() -> AppVersion:
    """Return the version of this app; the first call reads what is deployed, 2 MB in some milliseconds.

    Called by the batch path alone: the first answer over HTTP does not wait for it.
    """
    return version_of(Path(__file__).parents[1])


def version_of(folder: Path) -> AppVersion:
    """Return the version of the app in a folder, wherever it was unpacked."""
    files = list(_content(folder))
    return AppVersion(RELEASE, _time_of_packing(folder, files), _digest(folder, files))


def _content(folder: Path) -> list[Path]:
    found = [folder / name for name in CONTENT if (folder / name).is_file()]
    for name in CONTENT:
        for where, folders, names in os.walk(folder / name):
            folders[:] = [each for each in folders if _counts(each)]
            found += [Path(where, each) for each in names if _counts(each)]
    return found


def _counts(name: str) -> bool:
    return name not in UNUSED and not name.startswith(".") and not name.endswith((".pyc", ".pyo"))


def _digest(folder: Path, files: list[Path]) -> str:
    whole = hashlib.sha256()
    for name, path in sorted((path.relative_to(folder).as_posix(), path) for path in files):
        data = path.read_bytes()
        if b"\0" not in data:
            # Text: a checkout on Windows may have other line ends.
            data = data.replace(b"\r\n", b"\n")
        whole.update(f"{name}\0{hashlib.sha256(data).hexdigest()}\n".encode())
    return whole.hexdigest()[:DIGEST_CHARACTERS]


def _time_of_packing(folder: Path, files: list[Path]) -> datetime:
    try:
        text = (folder / PACKED).read_text(encoding="ascii").strip()
        packed = datetime.fromisoformat(text)
        if packed.tzinfo is None:
            packed = packed.replace(tzinfo=UTC)
    except (OSError, ValueError):
        # Not packed, or by somebody who left no time: a checkout's newest file tells when it was last
        # changed. Copies and archives may have lost that, so it is the second choice.
        packed = datetime.fromtimestamp(max((path.stat().st_mtime for path in files), default=0), UTC)
    return packed.astimezone(UTC).replace(microsecond=0)
