"""Names of outputs: what a source's results are called, and sources for which there is no such name."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import quote

from functions.scoring.telemetry import file_stem
from functions.storage.errors import SourceNameError, SourceNameTooLongError, SourcePathError

if TYPE_CHECKING:
    from functions.storage.pinned_blob import PinnedBlob

CSV = "text/csv; charset=utf-8"
JSON = "application/json"
HTML = "text/html; charset=utf-8"
SCORED = ".csv"
REJECTS = ".rejects.csv"
REPORT = ".report.html"
SUMMARY = ".summary.json"

PROGRESS = ".progress/"
"""Folder of `runs`."""

ANNOUNCED = ".announced/"
"""Folder of `runs`: how often a version of a file was announced again, see `functions.batch.silent_runs`."""

RUN_PATH_LIMIT = 700
"""Longest encoded source path inside `runs`: a blob name may have 1,024 characters, a copy's URL 2 KiB."""

LONGEST_NAME = 1024
"""Most characters of a blob's name;
https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata."""

LONGEST_ADDITION = len("2014-01-25/.arrow")
"""Characters that a snapshot's name has beside the source's without its ending: more than any output's."""

_SEPARATORS = re.compile(r"[/\\]")
"""A backslash reaches storage as ``%5C``; servers and clients on Windows take it for a slash."""

_NO_TEXT = ("Cc", "Cs")
"""Unicode categories that no blob's name has: control characters, halves of surrogate pairs."""


def is_output_name(source_name: str) -> bool:
    """Whether a source would write its scored rows where another's rejects are: ``day.rejects.csv``."""
    return (file_stem(source_name) + SCORED).endswith(REJECTS)


def run_folder(source: PinnedBlob) -> str:
    """Return where in `runs` everything is assembled that is made of this version of a source."""
    return _version_path(source.name, source.etag)


def progress_name(source_name: str, etag: str) -> str:
    """Return where in `runs` the progress of a version of a source is; the ETag with quotes or without."""
    return f"{PROGRESS}{_version_path(source_name, etag)}.json"


def announced_name(source_name: str, etag: str) -> str:
    """Return where in `runs` the announcements of a version of a source are counted."""
    return f"{ANNOUNCED}{_version_path(source_name, etag)}.txt"


def _version_path(source_name: str, etag: str) -> str:
    path = source_name
    if len(quote(path)) > RUN_PATH_LIMIT:
        path = "sha256-" + hashlib.sha256(path.encode()).hexdigest()
    return f"{path}/{etag.strip('"')}"


def is_reachable(name: str) -> bool:
    """Whether a blob of this name can be read and its outputs written inside their own containers.

    HTTP clients resolve dot segments: ``telemetry/../predictions/x.csv`` is read from ``predictions``, with a
    token or a signed URL without complaint (an account key signs the path as it was before). What is
    percent-encoded in a name stays so, as ``%`` itself is encoded; empty segments stay as well.
    """
    dots = any(part in (".", "..") for part in _SEPARATORS.split(name))
    if not 0 < len(name) <= LONGEST_NAME or dots:
        return False
    return not any(unicodedata.category(each) in _NO_TEXT for each in name)


def refuse_unreachable_name(name: str) -> None:
    """Raise `SourcePathError` unless `is_reachable`; the one check of every way in."""
    if not is_reachable(name):
        raise SourcePathError(
            f"No telemetry file can be called {name[:100]!r}: its path has a segment . or .., a control "
            f"character, more than {LONGEST_NAME:,} characters or none. Upload it under another path; if "
            "nobody uploaded such a file, somebody else writes to the app's queues or calls its web-hook."
        )


def refuse_long_name(name: str) -> None:
    """Raise `SourceNameTooLongError` if an output of a source would have a name that no blob may have."""
    stem = file_stem(name)
    longest = LONGEST_NAME - LONGEST_ADDITION
    if len(stem) > longest:
        raise SourceNameTooLongError(
            f"The file's path has {len(stem):,} characters without its ending; outputs and snapshots add up "
            f"to {LONGEST_ADDITION} to it, and {LONGEST_NAME:,} are the most a blob may have. Upload it "
            f"under a path of {longest:,} or fewer, not counting its ending, such as .csv. ({name[:100]}...)"
        )


def refuse_output_name(name: str) -> None:
    """Raise `SourceNameError` if a source is called as the rejects of another one are."""
    if is_output_name(name):
        other = file_stem(name)[: -len(REJECTS.removesuffix(".csv"))]
        raise SourceNameError(
            f"{name} cannot be scored under this name: its result would take the place of the rejected lines "
            f"of {other}.csv, or they its. Upload it under a name that does not end in {REJECTS}."
        )
