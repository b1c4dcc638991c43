"""HTML from text, all of it escaped here: anybody may have written the text in a telemetry file."""

from __future__ import annotations

import html
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_NO_BREAK_SPACES = "\u00a0\u202f"
_VOID = frozenset({"base", "br", "img", "link", "meta"})

MOST_CHARACTERS = 256
"""Characters shown of a text in a cell or label; the CSV has the rest of a longer one."""


class Markup(str):
    """HTML in which all text is escaped. Make it with `element`, not from text."""

    __slots__ = ()


NOTHING = Markup("")


class Section(NamedTuple):
    """A part of a page that its navigation links to; left out when it has no content."""

    anchor: str
    title: str
    content: Markup


class Tile(NamedTuple):
    """A figure in large type, its meaning, and optionally a note and a risk level that colours it."""

    value: str
    meaning: str
    note: str = ""
    level: str = ""


def escape(value: object) -> Markup:
    """Return a value as escaped text, control characters made visible; markup as it is."""
    if isinstance(value, Markup):
        return value
    plain = str(value)
    if not plain.isprintable():
        plain = "".join(
            one if one.isprintable() or one in _NO_BREAK_SPACES else f"\\u{ord(one):04x}" for one in plain
        )
    return Markup(html.escape(plain))


def text(value: object) -> Markup:
    """Escape a value and shorten it to `MOST_CHARACTERS`; markup is returned as it is."""
    if isinstance(value, Markup):
        return value
    plain = str(value)
    return escape(plain if len(plain) <= MOST_CHARACTERS else plain[: MOST_CHARACTERS - 1] + "…")


def isolate(value: object) -> Markup:
    """Return a text from outside that cannot change the direction of what stands beside it."""
    return element("bdi", text(value))


def element(tag: str, /, *content: object, **attributes: object) -> Markup:
    """Return an element; contents and values of attributes are escaped unless they are markup.

    Parameters
    ----------
    **attributes : object
        A hyphen is written as an underscore; a trailing underscore (``class_``) is dropped. None leaves an
        attribute out.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if tag in _VOID:
        return Markup(f"<{tag}{written}>")
    return Markup(f"<{tag}{written}>{join(content)}</{tag}>")


def join(parts: Iterable[object], separator: str = "") -> Markup:
    """Return the parts in a row, those that are no markup escaped."""
    return Markup(separator.join(map(escape, parts)))


def paragraph(content: object, kind: str | None = None) -> Markup:
    """Return a paragraph, *kind* its class."""
    return element("p", content, class_=kind)


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    kind: str | None = None,
    *,
    anchor: str | None = None,
    marked: Sequence[str] = (),
    caption: str = "",
) -> Markup:
    """Return a table that scrolls by itself where it is wider than the page.

    Parameters
    ----------
    rows : iterable of sequence of str
        As many cells as headings, text or markup; the first is the row's own heading.
    kind : str, optional
        Classes: ``cards`` makes every row a card on a phone, ``wordy`` sets the last column as text.
    anchor : str, optional
        The table's id.
    marked : sequence of str
        First cells of the rows that stand out.
    caption : str
        Shown below: the protocol of the figures.
    """
    named = bool(kind and "cards" in kind.split())
    lines = []
    for first, *others in rows:
        cells = (
            element("td", text(cell), data_name=text(heading) if named else None)
            for heading, cell in zip(headings[1:], others, strict=True)
        )
        row_kind = "marked" if first in marked else None
        lines.append(element("tr", element("th", text(first), scope="row"), *cells, class_=row_kind))
    head = element("tr", *(element("th", text(heading), scope="col") for heading in headings))
    listed = element("table", element("thead", head), element("tbody", *lines), id=anchor, class_=kind)
    below = paragraph(caption, "caption") if caption else NOTHING
    return join([element("div", listed, class_="scroll", tabindex=0), below])


def tiles(shown: Iterable[Tile]) -> Markup:
    """Return figures in large type; nothing when there is none."""
    made = [
        element(
            "div",
            element("b", text(tile.value)),
            text(tile.meaning) if tile.note else NOTHING,
            element("span", text(tile.note or tile.meaning)),
            class_=f"tile {tile.level}".rstrip(),
        )
        for tile in shown
    ]
    return element("div", *made, class_="tiles") if made else NOTHING


def facts(named: Mapping[str, str]) -> Markup:
    """Return names and values, one line each; nothing when there is none."""
    lines = [join([element("dt", text(name)), element("dd", text(named[name]))]) for name in named]
    return element("dl", *lines) if lines else NOTHING


def document(
    title: str,
    header: Sequence[Markup],
    sections: Sequence[Section],
    footer: Markup = NOTHING,
    style: str = "",
) -> str:
    """Return a whole page that loads nothing, readable by day, by night, on a phone and on paper.

    Parameters
    ----------
    header : sequence of Markup
        Stands above the links to the sections.
    style : str
        CSS of this page alone, after the kit's.
    """
    filled = [section for section in sections if section.content]
    links = (element("a", section.title, href=f"#{section.anchor}") for section in filled)
    body = [
        element("header", *header, element("nav", *links)),
        *(element("section", element("h2", one.title), one.content, id=one.anchor) for one in filled),
        footer,
    ]
    head = [
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("title", text(title)),
        element("style", Markup(Path(__file__).with_name("style.css").read_text(encoding="utf-8") + style)),
    ]
    page = element(
        "html",
        element("head", join(head, "\n")),
        element("body", element("main", join(body, "\n"))),
        lang="en",
    )
    return f"<!doctype html>\n{page}\n"
