"""Reads a page as a browser would, as far as tests need it."""

from __future__ import annotations

from html.parser import HTMLParser


class Page(HTMLParser):
    """Text, tables and elements of a page.

    Attributes
    ----------
    tables : dict of str to list of list of str
        Rows of cells by the table's id, headings first.
    elements : set of str
        Names of all elements.
    attributes : set of str
        Names of all attributes.
    text : str
        Everything outside ``style``.
    """

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self._table = ""
        self._open: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self._open.append(tag)
        if tag == "table":
            self._table = dict(attrs).get("id") or f"table {len(self.tables)}"
            self.tables[self._table] = []
        elif tag == "tr":
            self.tables[self._table].append([])
        elif tag in ("td", "th"):
            self.tables[self._table][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Note text."""
        if "style" in self._open:
            return
        self.text += data
        if {"td", "th"} & set(self._open):
            self.tables[self._table][-1][-1] += data
