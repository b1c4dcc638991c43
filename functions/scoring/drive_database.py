"""What is known of a drive by its name: whether it rotates, and how its raw SMART values are packed.

The facts are those of smartmontools' drive database: ``drive_database.json`` beside this file says
of which version, and ``python -m tools.drive_database`` writes it anew. A drive that is not in it is known by
`NAME_RULES`, or not at all.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Kind = Literal["rotating", "solid_state", "unlisted"]

TABLE_FILE = Path(__file__).with_name("drive_database.json")

PREFIX_LENGTH = 8
"""Characters by which the patterns are indexed: a few of 936 begin as a name does."""

VENDOR_WORDS = re.compile(
    r"(?:(?:ATA|SATA|SEAGATE|WDC|WD|WESTERN DIGITAL|HGST|HITACHI|TOSHIBA|SAMSUNG|INTEL|MICRON|CRUCIAL|"
    r"KINGSTON|SANDISK|DELL|HPE?|LENOVO|IBM|APPLE HDD)[ _]+)+",
    re.IGNORECASE,
)
"""What enclosures, controllers and resellers write before a drive's own name, and smartctl for some."""

BUS_WORDS = re.compile(r"(?:(?:ATA|SATA|SCSI)[ _]+)+", re.IGNORECASE)
"""What SCSI has as the vendor of such drives: the name, its maker's word first, is cut at 16 characters."""

MAKERS = ("WDC ", "TOSHIBA ", "HGST ", "HITACHI ", "SAMSUNG ", "INTEL ", "MICRON_", "CRUCIAL_", "KINGSTON ")
"""What a name begins with in the table, for those that lost it on the way."""

LAYOUT_DEFAULT, LAYOUT_SEAGATE = 0, 1

NAME_RULES: tuple[tuple[Kind, str], ...] = (
    # Every maker's own word for it, in full or within a part number: SSDSC2KB, MX500SSD1, SDSSDA.
    ("solid_state", r".*(SSD|NVME|SOLID[ _-]?STATE).*"),
    # Makers that never made a disk, or not under that name: drivedb.h has solid-state drives of each alone.
    ("solid_state", r"(MICRON|CRUCIAL|KINGSTON|SANDISK|INTEL|SOLIDIGM|KIOXIA|SK[ _]?HYNIX)(?![A-Z0-9]).*"),
    ("solid_state", r"(LITEON(IT)?|LEXAR|TEAM|OCZ)(?![A-Z0-9]).*"),
    # Plextor, which sold portable disks too (PX-PH): PX-256M5S, PX-128S2G in drivedb.h.
    ("solid_state", r"(PLEXTOR[ _]+)?PX-\d+(M\d|S2).*"),
    # Part numbers, all in drivedb.h: of Micron, Western Digital, Samsung, Toshiba, SK hynix and Seagate.
    ("solid_state", r"(.*[ _-])?MTFD[A-Z]{2}.*|WDS\d{3}[GT]\d.*|MZ[1-9A-Z][A-Z0-9]{2}.*|THN[A-Z]{2}.*"),
    ("solid_state", r"HFS\d[\dT]\d[GT].*|(ZA|XA)\d{3,4}[A-Z]{2}\d.*|XF\d{4}-.*|WD (BLUE|RED) SA5\d0.*"),
    # Samsung's part numbers of retail, with a hyphen (its product page of the 850 EVO): MZ-75E250, MZ-7KE512.
    ("solid_state", r"MZ-[1-9A-Z][A-Z0-9]{2}\d.*"),
    # HGST's Ultrastar SSD (product manual of SN150: HUSPR3216AHP301): HUSMM1640ASS204. Disks: HUS7, HUS1.
    ("solid_state", r"HUS[A-Z]{2}\d{4}.*"),
    # HPE: VK001920GWSXK, MK000480GWCEV in drivedb.h; VO, MO, EK, EO in its bulletins a00092491 and a00097382
    # on SSDs; LK0480GFJSK among the SSDs of hw-probe's SMART reports (github.com/linuxhw). HPE's disks begin
    # MB, MM, EG, EH; Toshiba's MK has at most four letters after the digits.
    ("solid_state", r"([VME][KO]|LK)(\d{4}|\d{6})[E-K][A-Z]{4}"),
    # Seagate's 600, 600 Pro, 1200 and Pulsar (product manuals): ST240HM000, ST480FP0021, ST800FM0043.
    ("solid_state", r"ST\d+(HM|F[MNP])\d.*"),
    # Dell's boot card: two M.2 drives behind one name.
    ("solid_state", r"DELLBOSS.*"),
    # Seagate's own names, and those of drives it sells without its name (OOS6000G, OOS14000G, OOS20000G).
    ("rotating", r"ST\d.*|OOS\d+G.*"),
)
"""Drives that the table does not have: kind, and pattern of the name with its maker's word or without. The
rotating ones have Seagate's layout."""

SEAGATE_FAMILY = re.compile(r"Seagate (?!Samsung|.*SpinPoint|.*SSD|Nytro)")
"""Families that smartctl states and the table does not have: rotating, with Seagate's layout."""

SOLID_STATE_FAMILY = re.compile(r"\b(SSDs?|NVMe|Solid[ -]State(?![ -]Hybrid))\b", re.IGNORECASE)
"""Families that smartctl states, the table does not have, and that say themselves what they are."""


class DriveFacts(msgspec.Struct, frozen=True):
    """Facts about a drive model.

    Attributes
    ----------
    formats : mapping of int to str
        Packing by SMART attribute, where it is not the attribute's default; see `functions.scoring.smart`.
    layout : int
        Number of `formats` among those of `layouts`.
    family : str
        As smartmontools calls it; empty where the table does not have the drive.
    """

    kind: Kind
    formats: Mapping[int, str]
    layout: int
    family: str


class _Table(msgspec.Struct, frozen=True):
    """The table as it is kept: patterns refer to facts, and facts to layouts, by number."""

    version: str
    date: str
    sha256: str
    layouts: list[dict[int, str]]
    facts: list[tuple[Kind, int, str]]
    patterns: list[tuple[str, int]]
    prefixes: dict[str, list[int]]


@cache
def table() -> _Table:
    """Return the table, read once and when it is first asked for."""
    return msgspec.json.decode(TABLE_FILE.read_bytes(), type=_Table)


def layouts() -> list[dict[int, str]]:
    """Return the ways in which drives pack their raw values, first the default, of which nothing differs."""
    return table().layouts


@lru_cache(maxsize=4096)
def drive_facts(model: str, family: str = "") -> DriveFacts:
    """Return what is known of a drive by its model, or by the family that smartctl states.

    Parameters
    ----------
    model : str
        As the drive, smartctl, an enclosure or telemetry calls it: with or without a vendor's name before it
        and the part after the hyphen, in upper or lower case.
    family : str
        ``model_family`` of smartctl's JSON, for models that the table does not have.
    """
    for name in _spellings(model):
        number = _number(name)
        if number is not None:
            return _facts(*table().facts[number])
    if family:
        stated = _family(family)
        if stated is not None:
            return stated
    kind = _kind(model)
    return _facts(kind, LAYOUT_SEAGATE if kind == "rotating" else LAYOUT_DEFAULT, "")


def _kind(model: str) -> Kind:
    """Return what `NAME_RULES` say: of the name with its maker's word first, for makers have rules too."""
    name = " ".join(model.split())
    spellings = (name, BUS_WORDS.sub("", name, count=1), VENDOR_WORDS.sub("", name, count=1))
    for own in dict.fromkeys(spellings):
        for kind, pattern in NAME_RULES:
            if _compile(pattern).fullmatch(own):
                return kind
    return "unlisted"


def _facts(kind: Kind, layout: int, family: str) -> DriveFacts:
    return DriveFacts(kind, layouts()[layout], layout, family)


def _family(family: str) -> DriveFacts | None:
    """Return what is known of a family by the last of the entries that have its name."""
    for kind, layout, name in reversed(table().facts):
        if name == family:
            return _facts(kind, layout, name)
    if SEAGATE_FAMILY.match(family):
        return _facts("rotating", LAYOUT_SEAGATE, family)
    if SOLID_STATE_FAMILY.search(family):
        return _facts("solid_state", LAYOUT_DEFAULT, family)
    return None


def _spellings(model: str) -> Iterator[str]:
    """Give the names under which the table may have a model, the likeliest first."""
    name = model.strip()
    bare = VENDOR_WORDS.sub("", " ".join(name.split()), count=1)
    words = bare.split(" ")
    # Telemetry and resellers leave out what stands after the hyphen; resellers append a word of their own.
    for own, end in product(dict.fromkeys((name, bare, words[0])), ("", "-")):
        yield own + end
    for maker, end in product(MAKERS, ("", "-")):
        yield maker + bare + end


def _number(name: str) -> int | None:
    """Return the number of the facts of a name, None where no pattern matches."""
    known = table()
    upper = name.upper()
    found = {
        number
        for length in range(min(len(upper), PREFIX_LENGTH) + 1)
        for number in known.prefixes.get(upper[:length], ())
    }
    for number in sorted(found):
        pattern, facts = known.patterns[number]
        if _compile(pattern).fullmatch(name):
            return facts
    return None


@lru_cache(maxsize=512)
def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
