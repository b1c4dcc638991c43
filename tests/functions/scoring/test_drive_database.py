"""Drives by their names, and that an index of prefixes finds what a search of the whole table would."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.scoring import drive_database
from functions.scoring.drive_database import SEAGATE_FAMILY, drive_facts, layouts, table
from functions.scoring.smart import ATTRIBUTES

SEAGATE = {1: "raw24/raw32", 7: "raw24/raw32"}
ROTATING = {
    "ST4000DM000": SEAGATE,
    "ST4000DM000-1F2168": SEAGATE,
    "ATA ST4000DM000-1F21": SEAGATE,
    "ATA     ST4000DM000-1F21": SEAGATE,
    "SEAGATE ST4000DM000": SEAGATE,
    " st12000nm0007 ": SEAGATE,
    "ST14000NM000J-2TX103": SEAGATE,
    "OOS14000G": SEAGATE,
    "OOS99000G": SEAGATE,
    "ST99000XX999-3AA103": SEAGATE,
    "ST4000DM004-2CV104": {**SEAGATE, 9: "msec24hour32"},
    "ST2000NM0008-2F3100": {**SEAGATE, 9: "msec24hour32"},
    "ST9500620NS 00D6082 IBM": SEAGATE,
    "MB4000GCWDC": SEAGATE,
    "ST500LM012 HN-M500MBB": {},
    "HGST HMS5C4040ALE640": {},
    "HUH721212ALN604": {},
    "Hitachi HDS722020ALA330": {},
    "TOSHIBA MG07ACA14TA": {},
    "MG07ACA14TA": {},
    "WDC WD40EFRX-68WT0N0": {},
    "WDC WD40EFRX": {},
    "WDC  WUH721414ALE6L4": {},
    "SAMSUNG HD154UI": {},
    "FUJITSU MHV2080BH": {9: "sec2hour"},
}
SOLID_STATE = (
    "CT500MX500SSD1", "Micron_5300_MTFDDAK1T9TDS", "MTFDDAV240TCB", "WDC  WDS250G2B0A", "ST480HM000",
    "Samsung SSD 860 EVO 1TB", "Seagate BarraCuda 120 SSD ZA250CM10003", "ZA250CM10002", "DELLBOSS VD",
    "INTEL SSDSC2KB240G8", "KINGSTON SA400S37240G", "MZ7LH480HAHQ-00005", "SAMSUNG MZ7LH1T9HMLT-00003",
    "HP SSD S700 250GB", "TOSHIBA THNSNJ128GCST", "SanDisk_SD8SB8U1T001122", "LITEON CV3-8D512", "MZ-75E250",
    "MZ-7KE512", "HFS3T8GEETX-070N", "WD Blue SA510 2.5 1TB", "TEAM T253X2512G", "Lexar 480GB NQ100",
    "HGST HUSMM1640ASS204", "HUSPR3216AHP301",
    # Behind the bus's word and cut at 16 characters, as SCSI gives them.
    "ATA Micron_5300_MTFD", "ATA      Crucial_CT512MX1", "ATA KINGSTON SA400S3", "ATA PLEXTOR PX-256M5",
    "ATA LITEONIT LCS-256", "ATA SanDisk SD8SB8U1", "ATA OCZ-VERTEX460A",
    # HPE's part numbers.
    "VK000480GWSRR", "VK0800GDJYA", "MK0800GCTZB", "EK0800JVYPN", "ATA VK000480GWCFF", "LK0800GEYMU",
    "VO015300JWSSV", "MO1600JVYPR", "EO1600JVYPP", "HP MK0120EAVDT",
)  # fmt: skip
DISKS_WITHOUT_RULE = (
    "WDC WD40EFRX-68WT0N0", "HGST HUS726060ALE610", "HGST HUH721212ALE600", "HGST HUC101812CSS204",
    "HUS156060VLS600", "TOSHIBA MG07ACA14TA", "TOSHIBA DT01ACA300", "Hitachi HDS5C3030ALA630",
    "SAMSUNG HD154UI", "SAMSUNG SP1614C", "Maxtor 6Y080L0", "MICROPOLIS 2217", "HP MB004000GWFGK",
    "MB2000GCWLT", "VB0250EAVER", "GB0500EAFYL",
    "MM1000GBKAL", "EG001200JWJNQ", "EG0600JETKA", "EH000900JWCPN", "EF0600FARNA",
    "ATA WDC WD1003FBYX-0", "ATA TOSHIBA MG03ACA1", "ATA HGST HUS726060AL", "WD Blue", "WD Red",
    "MK2004GAL", "MK1234GSX", "MK5059GSXP", "MK8026GAXB", "MK6461GSYN", "MK1001TRKB", "PLEXTOR PX-PH500US",
)  # fmt: skip
UNLISTED = ("", "foo", "NETAPP X477", "TOSHIBA MQ99ABF050", "QEMU HARDDISK", "MSTX", "BEST1000")


@pytest.mark.parametrize("model", ROTATING)
def test_rotating_drives_and_the_packings_that_are_theirs(model: str) -> None:
    facts = drive_facts(model)
    assert (facts.kind, facts.formats) == ("rotating", ROTATING[model])


@pytest.mark.parametrize("model", SOLID_STATE)
def test_solid_state_drives(model: str) -> None:
    assert drive_facts(model).kind == "solid_state"


@pytest.mark.parametrize("model", DISKS_WITHOUT_RULE)
def test_no_rule_takes_a_disk_for_a_solid_state_drive(model: str) -> None:
    assert drive_database._kind(model) == "unlisted"
    assert drive_facts(model).kind in {"rotating", "unlisted"}


@settings(max_examples=300)
@given(
    # What may stand anywhere in a name is left out: it would be of the test's making.
    st.sampled_from([one for one, fact in table().patterns if table().facts[fact][0] == "rotating"]).flatmap(
        lambda one: st.from_regex(re.compile(one.replace(".*", "")), fullmatch=True)
    )
)
def test_no_rule_takes_a_disk_of_the_table_for_a_solid_state_drive(name: str) -> None:
    for spelling in (name, name.partition(" ")[2], f"ATA {name[:16]}", f"ATA {name.partition(' ')[2][:16]}"):
        assert drive_database._kind(spelling) != "solid_state", spelling


@pytest.mark.parametrize("model", UNLISTED)
def test_what_is_not_known_is_not_guessed(model: str) -> None:
    facts = drive_facts(model)
    assert (facts.kind, facts.formats, facts.family) == ("unlisted", {}, "")


def test_a_stated_family_stands_in_for_a_model_that_is_not_known() -> None:
    assert drive_facts("X", "Seagate BarraCuda 3.5 (SMR)").formats == {**SEAGATE, 9: "msec24hour32"}
    assert drive_facts("X", "Seagate Exos X99").formats == SEAGATE
    assert drive_facts("X", "Crucial/Micron Client SSDs").kind == "solid_state"
    assert drive_facts("X", "Foobar NVMe SSDs").kind == "solid_state"
    assert drive_facts("X", "Foobar Solid State Drives").kind == "solid_state"
    assert drive_facts("X", "Foobar Solid State Hybrid Drives").kind == "unlisted"
    assert drive_facts("X", "Acme SSHD").kind == "unlisted"
    assert drive_facts("X", "Acme Disks") == drive_facts("X")
    assert drive_facts("HGST HMS5C4040ALE640", "Seagate Exos X18").formats == {}


def test_the_table_holds_together() -> None:
    known = table()
    assert known.version
    assert known.date
    assert layouts()[:2] == [{}, SEAGATE]
    for layout in layouts():
        assert layout.keys() <= ATTRIBUTES.keys()
        assert all(ATTRIBUTES[attribute].packing != packing for attribute, packing in layout.items())
    families = {name: kind for kind, _, name in known.facts}
    for name, kind in families.items():
        assert kind == "rotating" or not SEAGATE_FAMILY.match(name), name
    for pattern, facts in known.patterns:
        re.compile(pattern)
        assert 0 <= facts < len(known.facts)


PATTERNS = [re.compile(pattern, re.IGNORECASE) for pattern, _ in table().patterns]


@settings(max_examples=50)
@given(
    st.sampled_from(table().patterns).flatmap(lambda one: st.from_regex(re.compile(one[0]), fullmatch=True))
)
def test_the_index_finds_what_a_search_of_all_patterns_finds(name: str) -> None:
    first = next(number for number, pattern in enumerate(PATTERNS) if pattern.fullmatch(name))
    assert drive_database._number(name) == table().patterns[first][1]


@given(st.text(max_size=60), st.text(max_size=20))
def test_any_text_is_looked_up(model: str, family: str) -> None:
    assert drive_facts(model, family).layout < len(layouts())


def test_a_look_up_compiles_a_few_patterns() -> None:
    drive_facts.cache_clear()
    drive_database._compile.cache_clear()
    drive_facts("ST4000DM000")
    assert drive_database._compile.cache_info().misses < 20
