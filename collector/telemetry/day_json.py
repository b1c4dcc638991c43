"""smartctl's own output of a day, one object a line: added to without repeating a drive."""

from __future__ import annotations

import json
from typing import Any, Dict, Sequence

from collector.drives.reading import drive_of
from collector.errors import ConfigurationError

Document = Dict[str, Any]


def with_documents(content: bytes, documents: Sequence[Document], name: str) -> bytes:
    """Return the lines of a day with documents added; one of a drive that is there takes its place.

    Raises
    ------
    ConfigurationError
        The content, that of the file *name*, is not one JSON object a line.
    """
    merged: dict[tuple[str, str], bytes] = {}
    for number, line in enumerate(content.splitlines(), 1):
        try:
            found = json.loads(line.decode("utf-8"))
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise ConfigurationError(f"{name} line {number} is no JSON object; remove the file")
        merged[drive_of(found)] = line
    for document in documents:
        merged[drive_of(document)] = json.dumps(document, separators=(",", ":")).encode("ascii")
    return b"".join(line + b"\n" for line in merged.values())
