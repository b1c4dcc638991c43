"""The pages' own files: read when a browser first asks for one, then kept."""

from __future__ import annotations

from functools import cache
from pathlib import Path, PurePosixPath

from functions.pages.browser_answer import HTML

SITE = Path(__file__).parent / "site"

MEDIA_TYPES = {
    ".css": "text/css",
    ".html": HTML,
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
"""By the end of the name; a file of another kind is not given out."""


@cache
def _names() -> frozenset[str]:
    """Return the names of the files there are: what is asked for is compared, never opened as it stands."""
    return frozenset(file.name for file in SITE.iterdir() if file.suffix in MEDIA_TYPES)


@cache
def _content(name: str) -> bytes:
    return (SITE / name).read_bytes()


def site_file(name: str) -> tuple[bytes, str] | None:
    """Return the content and media type of a file by its name; None when there is none of that name."""
    if name not in _names():
        return None
    return _content(name), MEDIA_TYPES[PurePosixPath(name).suffix]
