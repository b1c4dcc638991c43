"""HTML of tables, figures and facts, every value escaped."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

NONE = "-"


def text(value: object) -> str:
    """Return a value as text within HTML."""
    return html.escape(str(value))


def number(value: object, digits: int = 3) -> str:
    """Return a number with so many decimals; a dash for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return NONE
    return f"{value:,.{digits}f}"


def percent(value: object, digits: int) -> str:
    """Return a share in percent; a dash for what is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return NONE
    return f"{value * 100:.{digits}f} %"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "wordy") -> str:
    """Return a table that scrolls by itself where it is wider than the page.

    Parameters
    ----------
    headings : sequence of str
    rows : iterable of sequence of str
        The first cell is the row's heading.
    kind : str
        Class of the table.
    """
    head = "".join(f'<th scope="col">{text(name)}</th>' for name in headings)
    body = "".join(
        f'<tr><th scope="row">{text(row[0])}</th>{"".join(f"<td>{text(cell)}</td>" for cell in row[1:])}</tr>'
        for row in rows
    )
    return (
        f'<div class="scroll"><table class="{kind}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody>'
        "</table></div>"
    )


def number_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of numbers, set to the right."""
    return table(headings, rows, "numbers")


def tiles(shown: Iterable[tuple[str, str]]) -> str:
    """Return figures with what they are; those that are not known are left out."""
    made = "".join(
        f'<div class="tile"><b>{text(value)}</b><span>{text(meaning)}</span></div>'
        for value, meaning in shown
        if value != NONE
    )
    return f'<div class="tiles">{made}</div>' if made else ""


def facts(named: Mapping[str, str]) -> str:
    """Return names and values, one line each."""
    lines = "".join(f"<dt>{text(name)}</dt><dd>{text(value)}</dd>" for name, value in named.items())
    return f"<dl>{lines}</dl>" if lines else ""
