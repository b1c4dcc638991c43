"""The page a report is written on: one HTML file without scripts or anything from outside, light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

_STYLE = """
:root { color-scheme: light dark;
  --paper: #fbfbf9; --card: #ffffff; --ink: #1c2024; --quiet: #5d666f; --line: #dfe3e6;
  --calm: #4a7fb5; --alarm: #c8502b; --tint: #eef2f5; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #14171a; --card: #1d2125; --ink: #e8eaec; --quiet: #9aa4ad; --line: #343a40;
  --calm: #6ea6dd; --alarm: #ee7d55; --tint: #262c31; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 24px 16px 64px; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 8px; }
h2 { font-size: 1.2rem; margin: 44px 0 6px; }
h3 { font-size: .95rem; line-height: 1.3; margin: 0; }
p { margin: 0 0 12px; max-width: 70ch; }
.quiet { color: var(--quiet); font-size: .9rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(132px, 1fr)); gap: 10px;
  margin: 18px 0; }
.tile, .card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
.tile { padding: 10px 14px; }
.tile b { display: block; font-size: 1.3rem; font-variant-numeric: tabular-nums; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(300px, 100%), 1fr)); gap: 12px; }
.card { padding: 12px; }
.card svg { display: block; width: 100%; height: auto; margin-top: 6px; }
nav { display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 14px 0 0; font-size: .9rem; }
nav a { color: var(--calm); white-space: nowrap; }
.wide { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; width: 100%; }
th, td { padding: 5px 10px; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
tr:last-child td { border-bottom: 0; }
th { color: var(--quiet); font-weight: 600; vertical-align: bottom; }
th:first-child, td:first-child { text-align: left; position: sticky; left: 0; background: var(--card); }
td.bar { min-width: 150px; width: 36%; }
.track { display: block; position: relative; height: 14px; }
.track i { position: absolute; top: 6px; height: 2px; background: var(--calm); }
.track b { position: absolute; top: 2px; width: 10px; height: 10px; margin-left: -5px; border-radius: 50%;
  background: var(--calm); }
.track u { position: absolute; top: 0; bottom: 0; width: 1px; background: var(--line); }
.axis { position: relative; display: block; height: 1.3em; font-weight: 400; }
.axis span { position: absolute; transform: translateX(-50%); }
.axis span:first-child { transform: none; } .axis span:last-child { transform: translateX(-100%); }
.fill { display: flex; align-items: center; gap: 8px; }
.fill u { flex: 1; min-width: 60px; height: 12px; background: var(--tint); border-radius: 3px; }
.fill i { display: block; height: 100%; border-radius: 3px; background: var(--calm); }
.fill em { font-style: normal; min-width: 6ch; text-align: right; }
.heat table { width: auto; font-size: .74rem; } .heat td, .heat th { padding: 4px 5px; text-align: center; }
.heat th:first-child { text-align: right; padding-right: 8px; }
.heat td { min-width: 38px; border: 1px solid var(--card); }
.heat td.up { background: color-mix(in oklab, var(--alarm) var(--much), var(--card)); }
.heat td.down { background: color-mix(in oklab, var(--calm) var(--much), var(--card)); }
.key { display: inline-block; width: 12px; height: 12px; border-radius: 2px; margin: 0 5px 0 0;
  vertical-align: -1px; }
.key + .key, .key.alarm { margin-left: 14px; }
.key.calm { background: var(--calm); } .key.alarm { background: var(--alarm); }
svg text { fill: var(--quiet); font-size: 11px; }
svg .grid { stroke: var(--line); } svg .base { stroke: var(--quiet); }
svg .calm { fill: var(--calm); } svg .alarm { fill: var(--alarm); }
details { margin-top: 10px; } summary { cursor: pointer; color: var(--calm); }
code { font-size: .85em; overflow-wrap: anywhere; white-space: normal; }
@media print { .card, tr { break-inside: avoid; } }
"""


def page(title: str, lead: str, sections: Sequence[tuple[str, str]]) -> str:
    """Return a whole HTML document.

    Parameters
    ----------
    title : str
        Plain text.
    lead : str
        HTML before the sections.
    sections : sequence of (str, str)
        Heading as plain text, and HTML.
    """
    names = [heading.lower().replace(" ", "-") for heading, _ in sections]
    links = "".join(
        f'<a href="#{name}">{escape(heading)}</a>' for name, (heading, _) in zip(names, sections, strict=True)
    )
    bodies = "\n".join(
        f'<section id="{name}"><h2>{escape(heading)}</h2>\n{body}</section>'
        for name, (heading, body) in zip(names, sections, strict=True)
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape(title)}</h1>\n{lead}\n<nav>{links}</nav>\n{bodies}\n</main>\n</body>\n</html>\n"
    )


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table that scrolls sideways where it is too wide; heads and cells are HTML."""
    heads = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    lines = "\n".join("<tr>" + "".join(_cell(cell) for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>\n{lines}\n</tbody></table></div>'


def _cell(cell: str) -> str:
    return f'<td class="bar">{cell}</td>' if cell.startswith("<span") else f"<td>{cell}</td>"


def tile(value: str, name: str) -> str:
    """Return a figure with its name below; plain text."""
    return f'<div class="tile"><b>{escape(value)}</b><span class="quiet">{escape(name)}</span></div>'
