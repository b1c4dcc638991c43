"""Blob trigger paths: ``container/pattern`` with ``{name}`` placeholders.

The rules are the host's (``BlobPathSource``, ``BindingTemplateParser``, ``BindingTemplateToken``): a
placeholder takes any characters, ``/`` included, or none; what is literal is matched with regard to case.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from devhost.errors import DevhostError


@dataclass(frozen=True)
class BlobPath:
    """A trigger's path, ready to match blob names."""

    container: str
    prefix: str
    """The beginning of every matching blob name."""
    pattern: re.Pattern[str]
    names: tuple[str, ...]
    """Of the placeholders, in order; of one that is there twice the last value holds."""

    def match(self, blob: str) -> dict[str, str] | None:
        """Match a blob's name; the placeholders' values, or None."""
        found = self.pattern.fullmatch(blob)
        return dict(zip(self.names, found.groups(), strict=True)) if found else None


def parse(path: str, where: str) -> BlobPath:
    """Read a trigger path whose settings are already expanded.

    Doubled braces stand for single ones. A container alone is watched whole, and has no placeholder.
    DevhostError names the function (*where*) whose path is not a container, or a container and a pattern.
    """
    container, slash, pattern = path.partition("/")
    if not re.fullmatch(r"[a-z0-9$](?:[a-z0-9-]*[a-z0-9])?", container) or (slash and not pattern):
        raise DevhostError(
            f"{where}: blob path {path!r}: expected container/pattern, e.g. telemetry/{{name}}"
        )
    if not slash:
        return BlobPath(container, "", re.compile(".*"), ())
    regex, prefix, names = "", "", []
    for piece in re.findall(r"\{\{|\}\}|\{[^{}]*\}|[^{}]+|[{}]", pattern):
        if piece in ("{", "}"):
            raise DevhostError(
                f"{where}: blob path {path!r}: unbalanced brace; double it to mean the character"
            )
        if piece[0] == "{" and piece != "{{":
            name = piece[1:-1].partition(":")[0]  # a format, which matters where a path is written
            if not name.isidentifier():
                raise DevhostError(f"{where}: blob path {path!r}: {piece} is not a name in braces")
            names.append(name)
            regex += "(.*)"
        else:
            text = piece[0] if piece in ("{{", "}}") else piece
            regex += re.escape(text)
            prefix += "" if names else text
    return BlobPath(container, prefix, re.compile(regex), tuple(names))
