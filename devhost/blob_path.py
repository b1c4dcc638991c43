"""Blob trigger paths: ``container/pattern`` with ``{name}`` placeholders."""

from __future__ import annotations

import re
from dataclasses import dataclass

from devhost.errors import DevhostError


@dataclass(frozen=True)
class BlobPath:
    """A trigger's path, ready to match blob names."""

    container: str
    prefix: str
    """What every matching blob name begins with."""
    pattern: re.Pattern[str]

    def match(self, blob: str) -> dict[str, str] | None:
        """Match a blob's name; the placeholders' values, or None."""
        found = self.pattern.fullmatch(blob)
        return found.groupdict() if found else None


def parse(path: str, where: str) -> BlobPath:
    """Read a trigger path whose settings are already expanded.

    Placeholders match any characters, ``/`` included; doubled braces stand for single ones. A path without a
    pattern watches the whole container.

    Raises
    ------
    DevhostError
        If there is no container, or the container holds a placeholder; *where* names the function.
    """
    container, _, pattern = path.strip("/").partition("/")
    if not re.fullmatch(r"[a-z0-9$](?:[a-z0-9-]*[a-z0-9])?", container):
        raise DevhostError(
            f"{where}: blob path {path!r}: expected container/pattern, e.g. telemetry/{{name}}"
        )
    regex, prefix, literal = "", "", True
    for piece in re.findall(r"\{\{|\}\}|\{\w+\}|[^{}]+|[{}]", pattern or "{name}"):
        placeholder = re.fullmatch(r"\{(\w+)\}", piece)
        if placeholder:
            literal = False
            regex += f"(?P<{placeholder[1]}>.+)"
        elif piece in ("{", "}"):
            raise DevhostError(
                f"{where}: blob path {path!r}: unbalanced brace; double it to mean the character"
            )
        else:
            text = piece[0] if piece in ("{{", "}}") else piece
            regex += re.escape(text)
            prefix += text if literal else ""
    return BlobPath(container, prefix, re.compile(regex, re.DOTALL))
