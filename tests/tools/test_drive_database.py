"""The table of drives, against the drivedb.h it was read from where that is at hand, and a small one."""

import hashlib
import os
from pathlib import Path

import pytest

from functions.scoring.drive_database import TABLE_FILE, table
from tools.drive_database import Entry, alternatives, prefixes, read_entries, render, table_of

PLACES = (
    os.environ.get("DRIVEDB", ""),
    "/var/lib/smartmontools/drivedb/drivedb.h",
    "/usr/share/smartmontools/drivedb.h",
)
"""Where the file may be: the variable names one, smartmontools' packages have theirs."""

SMALL = r"""
/* comment "not a string" */
  { "VERSION: 7.5 $Id$", "-", "-", "Version information", "" },
  { "DEFAULT", "-", "-", "Default settings", "-v 1,raw48,Raw_Read_Error_Rate" },
  { "Seagate Exos X18", // tested
    "ST1(0000NM0(18|20)G|[2468]000NM00[012]J)-.*|"
    "OOS14000G",
    "", "",
    "-v 9,msec24hour32 -v 188,raw16 -v 200,raw48,Other"
  },
  { "", "FUJITSU M1623TAU", "A.*", "", "-v 9,seconds" },
  { "Acme 2.5\" SSDs", "ACME \\(1\\) .?", "", "", "-v 194,10xCelsius -v 198,raw24/raw32:210zr54" },
  { "USB: ; ", "0x1234:0xabcd", "", "", "-d sat" },
"""


def _drivedb() -> Path | None:
    for index in filter(None, PLACES):
        path = Path(index)
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == table().sha256:
            return path
    return None


def test_the_table_is_what_the_script_makes_of_drivedb() -> None:
    path = _drivedb()
    if path is None:
        pytest.skip(f"no drivedb.h {table().version} of {table().date} here; set DRIVEDB to the file")
    made = render(table_of(path.read_text(encoding="utf-8"), table().date))
    assert TABLE_FILE.read_text(encoding="utf-8") == made


def test_entries_are_read_as_c_reads_them() -> None:
    seagate, fujitsu, acme = read_entries(SMALL)
    assert seagate == Entry(
        "Seagate Exos X18",
        "ST1(0000NM0(18|20)G|[2468]000NM00[012]J)-.*|OOS14000G",
        "",
        "-v 9,msec24hour32 -v 188,raw16 -v 200,raw48,Other",
    )
    assert seagate.kind == "rotating"
    assert seagate.formats == {1: "raw24/raw32", 7: "raw24/raw32", 9: "msec24hour32"}
    assert (fujitsu.kind, fujitsu.formats) == ("rotating", {9: "sec2hour"})
    assert (acme.family, acme.pattern, acme.kind) == ('Acme 2.5" SSDs', r"ACME \(1\) .?", "solid_state")
    assert acme.formats == {194: "temp10x", 198: "raw24/raw32"}


def test_the_table_of_a_small_file() -> None:
    made = table_of(SMALL, "2026-01-02")
    assert (made["version"], made["date"]) == ("7.5", "2026-01-02")
    assert [pattern for pattern, _ in made["patterns"]] == [
        "ST1(0000NM0(18|20)G|[2468]000NM00[012]J)-.*", "OOS14000G", r"ACME \(1\) .?", "FUJITSU M1623TAU",
    ]  # fmt: skip
    assert list(made["prefixes"]) == [
        "ACME (1)", "FUJITSU ", "OOS14000", "ST10000N", "ST12000N", "ST14000N", "ST16000N", "ST18000N",
    ]  # fmt: skip


def test_a_family_of_unknown_kind_has_to_be_looked_at() -> None:
    with pytest.raises(ValueError, match="Acme Disks"):
        table_of(SMALL.replace("Seagate Exos X18", "Acme Disks"), "2026-01-02")


def test_alternatives_and_prefixes() -> None:
    assert alternatives(r"a(b|c)|[|]\||d") == ["a(b|c)", r"[|]\|", "d"]
    assert prefixes("(WDC  ?)?WUH72.*") == ["WDC  WUH", "WDC WUH7", "WUH72"]
    assert prefixes("A[0-9]*B") == ["A"]
    assert prefixes(".*SSD") == [""]
    with pytest.raises(ValueError, match="bracket"):
        alternatives("[[:alpha:]]")
