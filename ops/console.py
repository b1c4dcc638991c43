"""The console that commands print tables and long lines to."""

from __future__ import annotations

from rich.console import Console

WIDTH_WITHOUT_TERMINAL = 140
"""Columns when the output is a pipe or a file."""


def console() -> Console:
    """Return a console on standard output that cuts nothing and colours only text with a style."""
    out = Console(highlight=False, soft_wrap=True)
    return out if out.is_terminal else Console(highlight=False, soft_wrap=True, width=WIDTH_WITHOUT_TERMINAL)
