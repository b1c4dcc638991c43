"""Write the table of drives anew: `functions/scoring/drive_database.json`, from smartmontools' ``drivedb.h``.

``python -m tools.drive_database PATH/drivedb.h --date YYYY-MM-DD`` (of its last change). Only facts are
taken: the names of a drive model, whether it rotates, and how the raw values that Drivecast reads are packed
where that differs from smartmontools' defaults. Run by hand when smartmontools knows new drives.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from re import _constants as parts
from re import _parser as parser
from typing import Any

from functions.scoring.drive_database import PREFIX_LENGTH, TABLE_FILE
from functions.scoring.smart import ATTRIBUTES

OLD_FORMATS = {
    "halfminutes": "halfmin2hour",
    "minutes": "min2hour",
    "seconds": "sec2hour",
    "loadunload": "raw24/raw24",
    "10xCelsius": "temp10x",
    "emergencyretractcyclect": "raw48",
    "increasing": "raw48",
    "offlinescanuncsectorct": "raw48",
    "unknown": "raw48",
    "hex48": "raw48",
    "hex56": "raw56",
    "hex64": "raw64",
}
"""Formats that go by another name, or differ in the way they are printed only (smartmontools,
``map_old_vendor_opts`` and ``ata_format_attr_raw_value`` in atacmds.cpp)."""

SOLID_STATE = re.compile(r"SSD|CompactFlash|SATA DOM|iCF|WarpDrive")
"""Words of families without moving parts. An SSHD has platters."""

ROTATING = re.compile(
    r"|Seagate .*|SAMSUNG (SpinPoint|HM).*|Maxtor .*|Quantum .*|Western Digital .*|HGST .*|IBM.*|Hitachi.*"
    r"|HITACHI .*|Fujitsu .*|HP .*SATA disk.*|Toshiba (.*HDD|[LPSVX][23]00|MK).*"
)
"""Families of makers whose solid-state drives say so in the family's name; the oldest drives have none."""

MICRODRIVE = "Seagate ST1.2 CompactFlash"
"""A disk of one inch in the case of a CompactFlash card."""

SEAGATE = re.compile(r"Seagate (?!Samsung|.*SpinPoint)")
"""Families of Seagate's own design, and not bought with Samsung's disks."""

SEAGATE_LAYOUT = {1: "raw24/raw32", 7: "raw24/raw32"}
"""Seagate's rotating drives count errors above 32 bits of operations in 1 and 7, in the families for which
smartmontools does not say so as well (its wiki, "FAQ: What details can be interpreted from Raw read error
rate?")."""

COMMAND_TIMEOUT = 188
"""Three 16-bit words whatever the drive is called: the default of `functions.scoring.smart`."""

_PRESET = re.compile(r"-v\s+(\d+),([^,\s:]+)")
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|//[^\n]*|/\*.*?\*/|([{},])', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)")
_MANY = 64
"""Prefixes of one pattern, at most; else it is indexed by shorter ones."""


@dataclass(frozen=True)
class Entry:
    """One entry of ``drivedb.h``: a family, its pattern, and whether a firmware is asked for."""

    family: str
    pattern: str
    firmware: str
    presets: str

    @property
    def kind(self) -> str:
        """Rotating or solid state; an entry of which neither is known has to be looked at."""
        if self.family != MICRODRIVE and SOLID_STATE.search(self.family):
            return "solid_state"
        if ROTATING.fullmatch(self.family):
            return "rotating"
        msg = f"{self.family!r} is no family of which the kind is known; add it to SOLID_STATE or ROTATING."
        raise ValueError(msg)

    @property
    def formats(self) -> dict[int, str]:
        """Packing of the attributes for which it is not the default."""
        own = self.kind == "rotating" and SEAGATE.match(self.family)
        formats = dict(SEAGATE_LAYOUT) if own else {}
        for number, name in _PRESET.findall(self.presets):
            attribute = int(number)
            if attribute in ATTRIBUTES and attribute != COMMAND_TIMEOUT:
                formats[attribute] = OLD_FORMATS.get(name, name)
        return {a: name for a, name in sorted(formats.items()) if name != ATTRIBUTES[a].packing}


def read_entries(text: str) -> Iterator[Entry]:
    """Read the entries of a ``drivedb.h`` that name ATA drives; the version is that of the first entry."""
    for family, pattern, firmware, _, presets in _structs(text):
        if not family.startswith(("VERSION", "DEFAULT", "USB:", "$")):
            yield Entry(family, pattern, firmware, presets)


def read_version(text: str) -> str:
    """Return what ``drivedb.h`` calls itself, such as 7.5."""
    family = next(_structs(text))[0]
    if not family.startswith("VERSION: "):
        msg = f"The first entry is {family!r}; expected VERSION, as in a drivedb.h of smartmontools 7."
        raise ValueError(msg)
    return family.removeprefix("VERSION: ").split()[0]


def _structs(text: str) -> Iterator[list[str]]:
    """Read the initializers of C, of five strings each; adjacent strings are one."""
    fields: list[str] = []
    for match in _TOKEN.finditer(text):
        string, mark = match.groups()
        if string is not None and fields:
            fields[-1] += _ESCAPE.sub(r"\1", string)
        elif mark == "{":
            fields = [""]
        elif mark == "," and fields:
            fields.append("")
        elif mark == "}" and fields:
            yield fields[:5]
            fields = []


def table_of(text: str, date: str) -> dict[str, Any]:
    """Return the table; see `functions.scoring.drive_database` for what reads it."""
    # Firmware is not known here: entries that ask for one come last.
    entries = sorted(read_entries(text), key=lambda entry: bool(entry.firmware))
    layouts: list[dict[int, str]] = [{}, SEAGATE_LAYOUT]
    facts: list[tuple[str, int, str]] = []
    patterns: list[tuple[str, int]] = []
    for entry in entries:
        if entry.formats not in layouts:
            layouts.append(entry.formats)
        known = (entry.kind, layouts.index(entry.formats), entry.family)
        if known not in facts:
            facts.append(known)
        patterns += [(pattern, facts.index(known)) for pattern in alternatives(entry.pattern)]
    patterns = list(dict.fromkeys(patterns))
    index: dict[str, list[int]] = {}
    for number, (pattern, _) in enumerate(patterns):
        for prefix in prefixes(pattern):
            index.setdefault(prefix, []).append(number)
    return {
        "source": "drivedb.h of smartmontools",
        "version": read_version(text),
        "date": date,
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "layouts": [{str(a): name for a, name in layout.items()} for layout in layouts],
        "facts": facts,
        "patterns": patterns,
        "prefixes": dict(sorted(index.items())),
    }


def alternatives(pattern: str) -> list[str]:
    """Return the patterns of which a pattern is the choice, each checked to mean the same in Python."""
    if "[[:" in pattern or re.search(r"\[[^\]]*\\", pattern):
        msg = f"{pattern!r} has a bracket expression that Python reads otherwise."
        raise ValueError(msg)
    found, depth, start = [], 0, 0
    for at, character in enumerate(re.sub(r"\\.|\[[^\]]*\]", lambda match: "x" * len(match[0]), pattern)):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "|" and depth == 0:
            found.append(pattern[start:at])
            start = at + 1
    found.append(pattern[start:])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for one in found:
            re.compile(one)
    return found


def prefixes(pattern: str) -> list[str]:
    """Return literal beginnings, in upper case, of which every text that matches has one."""
    return sorted({text.upper() for text, _ in _begin(list(parser.parse(pattern)))})


def _begin(nodes: list[tuple[Any, Any]]) -> set[tuple[str, bool]]:
    """Return beginnings, and whether more of the pattern may be appended to each."""
    begun = {("", True)}
    for operator, argument in nodes:
        options = _options(operator, argument)
        longer = {
            ((text + more)[:PREFIX_LENGTH], goes_on and len(text + more) < PREFIX_LENGTH)
            for text, is_open in begun
            for more, goes_on in (options if is_open else [("", False)])
        }
        if len(longer) > _MANY:
            return {(text, False) for text, _ in begun}
        begun = longer
        if not any(is_open for _, is_open in begun):
            break
    return begun


def _options(operator: Any, argument: Any) -> Iterable[tuple[str, bool]]:
    if operator is parts.LITERAL:
        return [(chr(argument), True)]
    if operator is parts.IN and all(kind in {parts.LITERAL, parts.RANGE} for kind, _ in argument):
        spans = [(value, value) if kind is parts.LITERAL else value for kind, value in argument]
        return [(chr(code), True) for low, high in spans for code in range(low, high + 1)]
    if operator is parts.SUBPATTERN:
        return _begin(list(argument[-1]))
    if operator is parts.BRANCH:
        return {one for branch in argument[1] for one in _begin(list(branch))}
    if operator is parts.MAX_REPEAT:
        least, most, nodes = argument
        found = _begin(list(nodes) * least)
        if most == least:
            return found
        if most == 1:
            return found | {("", True)} | _begin(list(nodes))
        return {(text, False) for text, _ in found}
    return [("", False)]


def render(table: dict[str, Any]) -> str:
    """Return the table as JSON of which a line is one fact, so that a diff can be read."""
    lines = []
    for name, value in table.items():
        if isinstance(value, str):
            lines.append(f"{json.dumps(name)}: {json.dumps(value)}")
        elif isinstance(value, list):
            items = ",\n".join(json.dumps(item, ensure_ascii=False) for item in value)
            lines.append(f"{json.dumps(name)}: [\n{items}\n]")
        else:
            items = ",\n".join(f"{json.dumps(key)}: {json.dumps(item)}" for key, item in value.items())
            lines.append(f"{json.dumps(name)}: {{\n{items}\n}}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main() -> None:
    """Write the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("drivedb", type=Path, help="drivedb.h of smartmontools")
    arguments.add_argument("--date", required=True, help="of its last change, YYYY-MM-DD")
    given = arguments.parse_args()
    table = table_of(given.drivedb.read_text(encoding="utf-8"), given.date)
    TABLE_FILE.write_text(render(table), encoding="utf-8")
    patterns, size = len(table["patterns"]), TABLE_FILE.stat().st_size
    said = f"{TABLE_FILE}: {patterns} patterns of drivedb.h {table['version']}, {size:,} bytes\n"
    sys.stdout.write(said)


if __name__ == "__main__":
    main()
