"""The console that commands print tables and long lines to."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from functions.log_records import one_line

WIDTH_WITHOUT_TERMINAL = 140
"""Columns when the output is a pipe or a file."""


def console() -> Console:
    """Return a console on standard output that cuts nothing and colours only text with a style."""
    out = Console(highlight=False, soft_wrap=True)
    return out if out.is_terminal else Console(highlight=False, soft_wrap=True, width=WIDTH_WITHOUT_TERMINAL)


def plain(text: str) -> Text:
    """Return one line of text: whoever names a file of telemetry neither breaks it nor moves the cursor."""
    return Text(one_line(text))
