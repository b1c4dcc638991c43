"""HTML from text, escaped; tables and figures."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Sequence
from pathlib import Path

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"

_LONG = 16
"""Characters from which a row's heading is given room to wrap."""

DASH = "\N{EN DASH}"


def text(value: object) -> str:
    """Return a value as escaped text."""
    return html.escape(str(value))


def number(value: object, digits: int = 3) -> str:
    """Return a figure with so many digits, a dash where there is none."""
    return f"{value:,.{digits}f}" if isinstance(value, int | float) else DASH


def percent(value: object, digits: int = 2) -> str:
    """Return a share in percent, a dash where there is none."""
    return f"{value:.{digits}%}".replace("%", "\u202f%") if isinstance(value, int | float) else DASH


def interval(value: object, digits: int = 3) -> str:
    """Return a pair as a range, nothing where there is none."""
    if not isinstance(value, list | tuple):
        return ""
    low, high = value
    return f"{low:.{digits}f} to {high:.{digits}f}"


def section(anchor: str, title: str, *parts: str) -> str:
    """Return a section with a heading that can be linked to; empty when it has no parts."""
    body = "\n".join(part for part in parts if part)
    return f'<section id="{anchor}"><h2>{text(title)}</h2>\n{body}\n</section>' if body else ""


def paragraph(value: object, kind: str = "") -> str:
    """Return a paragraph of escaped text."""
    return f'<p class="{kind}">{text(value)}</p>' if kind else f"<p>{text(value)}</p>"


def table(
    headings: Sequence[str], rows: Iterable[Sequence[str]], marked: Sequence[str] = (), caption: str = ""
) -> str:
    """Return a table that scrolls by itself on narrow screens.

    Parameters
    ----------
    headings : sequence of str
        The first column is text, the others are numbers.
    rows : iterable of sequence of str
        Plain text, escaped here.
    marked : sequence of str
        First cells of the rows to stand out.
    caption : str
        What the figures were measured on.
    """
    listed = list(rows)
    longest = max((len(first) for first, *_ in listed), default=0)
    kind_of_table = "long" if longest > _LONG else ""
    head = "".join(f'<th scope="col">{text(heading)}</th>' for heading in headings)
    body = []
    for first, *others in listed:
        kind = ' class="marked"' if first in marked else ""
        cells = "".join(f"<td>{text(cell)}</td>" for cell in others)
        body.append(f'<tr{kind}><th scope="row">{text(first)}</th>{cells}</tr>')
    below = f'<p class="caption">{text(caption)}</p>' if caption else ""
    inside = f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody>"
    return f'<div class="scroll" tabindex="0"><table class="{kind_of_table}">{inside}</table></div>{below}'


def image(content: bytes, title: str, meaning: str, caption: str) -> str:
    """Return a PNG inside the page, with what it shows and what it was measured on."""
    data = base64.b64encode(content).decode()
    return (
        f'<figure><img alt="{text(title)}" src="data:image/png;base64,{data}" loading="lazy">'
        f"<figcaption><strong>{text(title)}.</strong> {text(meaning)}"
        f'<span class="caption">{text(caption)}</span></figcaption></figure>'
    )


def document(title: str, body: str) -> str:
    """Return a whole page that loads nothing from elsewhere, readable by day, by night and on a phone."""
    style = Path(__file__).with_name("style.css").read_text(encoding="utf-8")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>{text(title)}</title>
<style>
{style}
</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""
