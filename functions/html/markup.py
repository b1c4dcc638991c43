"""HTML from text, all of it escaped: what is in a telemetry file may have been put there by anybody."""

from __future__ import annotations

import html
from pathlib import Path

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"

MOST_CHARACTERS = 256
"""Characters shown of a text; the rest of a longer one is in the CSV."""

DASH = "\N{EN DASH}"


def text(value: object) -> str:
    """Return a value as escaped text, with what cannot be seen (controls, direction marks) made visible."""
    plain = str(value)
    if len(plain) > MOST_CHARACTERS:
        plain = plain[: MOST_CHARACTERS - 1] + "…"
    if not plain.isprintable():
        plain = "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in plain)
    return html.escape(plain)


def isolated(value: object) -> str:
    """Return a text from outside that cannot change the direction of what stands beside it."""
    return f"<bdi>{text(value)}</bdi>"


def count(value: int) -> str:
    """Return a count with its thousands apart."""
    return f"{value:,}"


def share(part: int, whole: int) -> str:
    """Return a share in percent; a dash when there is nothing to share."""
    if not whole:
        return DASH
    percent = 100 * part / whole
    # 99.97 % is not all, and 0.02 % is not nothing.
    digits = 1 if part in (0, whole) or 0.1 <= percent <= 99.9 else 3  # noqa: PLR2004
    return f"{percent:.{digits}f}\u202f%"


def probability(value: float) -> str:
    """Return a probability in percent, with three digits that count."""
    return f"{100 * value:.3g}\u202f%"


def failures(value: float) -> str:
    """Return a number of failures to expect."""
    return f"{value:,.1f}" if value >= 10 else f"{value:.2f}"  # noqa: PLR2004


def span(interval: tuple[int, int]) -> str:
    """Return an interval of counts."""
    low, high = interval
    return f"{low:,} to {high:,}"


def section(anchor: str, title: str, *parts: str) -> str:
    """Return a section with a heading that can be linked to; empty when it has no parts."""
    body = "\n".join(part for part in parts if part)
    return f'<section id="{anchor}"><h2>{text(title)}</h2>\n{body}\n</section>' if body else ""


def paragraph(value: str, kind: str = "") -> str:
    """Return a paragraph; *value* is our own text."""
    return f'<p class="{kind}">{html.escape(value)}</p>' if kind else f"<p>{html.escape(value)}</p>"


def document(title: str, body: str) -> str:
    """Return a whole page that loads nothing."""
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
{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""
