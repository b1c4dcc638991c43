"""Whether a zip is whole and holds the days it should."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from training.downloading.errors import DownloadError
from training.downloading.quarter import PublishedQuarter

_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})\.csv(\.gz)?", re.IGNORECASE)
_CHUNK = 1 << 20


def days_in(path: Path, release: PublishedQuarter) -> list[dt.date]:
    """Return the days of a release that a zip has CSVs for, from its directory alone.

    Raises
    ------
    DownloadError
        When it is no zip, or has no day of the release.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name.rsplit("/", 1)[-1] for name in archive.namelist()]
    except zipfile.BadZipFile as error:
        raise DownloadError(f"{path} is not a zip: {error}") from error
    days = set()
    for name in names:
        match = _DAY.fullmatch(name)
        if match:
            try:
                days.add(dt.date.fromisoformat(match[1]))
            except ValueError:
                continue
    there = sorted(day for day in days if release.first <= day <= release.last)
    if not there:
        holds = ", ".join(names[:3]) or "nothing"
        raise DownloadError(
            f"{path} has no day CSV from {release.first} to {release.last}; it holds: {holds}"
        )
    return there


def check_bytes(path: Path, progress: Callable[[int, int], None]) -> None:
    """Unpack every member of a zip and compare its checksum (CRC-32), without keeping anything.

    Parameters
    ----------
    progress : callable
        Told the unpacked bytes checked so far, and all.

    Raises
    ------
    DownloadError
        When a member is damaged.
    """
    with zipfile.ZipFile(path) as archive:
        total = sum(info.file_size for info in archive.infolist())
        done = 0
        for info in archive.infolist():
            try:
                with archive.open(info) as member:
                    while chunk := member.read(_CHUNK):
                        done += len(chunk)
                        progress(done, total)
            except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
                raise DownloadError(f"{path} is damaged at {info.filename}: {error}") from error


def missing_days(release: PublishedQuarter, days: list[dt.date]) -> list[dt.date]:
    """Return the days of a release that are not among some days."""
    there = set(days)
    expected = (release.first + dt.timedelta(days=number) for number in range(release.days))
    return [day for day in expected if day not in there]
