"""docs/collector.md and the unit files against the code."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from collector.drives.unreadable import CAUSES
from collector.exit_codes import _GRAVITY, EXIT_CODES
from collector.options import OPTIONS
from collector.settings import SECTION, read_settings
from collector.telemetry.day_csv import COLUMNS
from tests.support.running_app import PROJECT

PAGE = PROJECT / "docs" / "collector.md"
SYSTEMD = PROJECT / "collector" / "systemd"


def table(head: str, rows: Iterable[Iterable[str]]) -> str:
    """Return a table as the page has it."""
    columns = head.count("|") - 1
    lines = [head, "| " + " | ".join(["---"] * columns) + " |"]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)]) + "\n"


OPTION_TABLE = table(
    "| Option | Default | Meaning |",
    (
        (
            f"`{option.name}`",
            f"`{option.default}`" if option.default else "",
            option.meaning
            + (" Secret." if option.secret else "")
            + (" May be given several times." if option.many else ""),
        )
        for option in OPTIONS
    ),
)
CODE_TABLE = table(
    "| Code | Name | Meaning | What to do |",
    ((str(code.number), f"`{code.name}`", code.meaning, code.remedy) for code in EXIT_CODES),
)
CAUSE_TABLE = table(
    "| Code | Found | What to try |",
    ((f"`{cause.code}`", cause.found, cause.remedy.replace("{device}", "DEVICE")) for cause in CAUSES),
)


@pytest.mark.parametrize(
    "expected", [OPTION_TABLE, CODE_TABLE, CAUSE_TABLE], ids=["options", "codes", "causes"]
)
def test_a_table_is_the_codes(expected: str) -> None:
    assert expected in PAGE.read_text(encoding="utf-8"), f"the page should have:\n{expected}"


def test_numbers_and_names_are_there_once() -> None:
    assert [code.number for code in EXIT_CODES] == list(range(len(EXIT_CODES)))
    assert len({code.name for code in EXIT_CODES}) == len(EXIT_CODES)
    assert len({cause.code for cause in CAUSES}) == len(CAUSES)
    assert len({option.name for option in OPTIONS}) == len(OPTIONS)


def test_codes_are_graver_further_down() -> None:
    """The page says so."""
    numbers = [code.number for code in _GRAVITY]
    assert numbers == sorted(numbers)


def test_the_columns_in_the_text() -> None:
    text = PAGE.read_text(encoding="utf-8").rpartition("## The CSV")[2]
    named = [name for name in re.findall(r"`([a-z_<>]+)`", text) if "_" in name or name in COLUMNS]
    assert named[:5] == list(COLUMNS[:5])


def test_the_ini_file_of_the_page_is_taken(tmp_path: Path) -> None:
    [text] = re.findall(r"```ini\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    path = tmp_path / "collect.ini"
    path.write_text(text)
    path.chmod(0o600)
    settings, lines = read_settings(["--config", str(path)], {})
    assert settings.upload.startswith("https://")
    assert not lines
    assert text.startswith(f"[{SECTION}]")


def test_options_that_the_page_names_exist() -> None:
    known = {option.flag for option in OPTIONS} | {"--config", "--name"}
    own = re.sub(r"```.*?```", "", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    foreign = {"--now", "--identity", "--scan"}
    assert set(re.findall(r"--[a-z][a-z-]+", own)) <= known | foreign


def unit(name: str) -> configparser.ConfigParser:
    """Return a unit file, its first value where one is there twice."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(SYSTEMD / name, encoding="utf-8")
    return parser


def test_the_service_and_its_timer() -> None:
    service, timer = unit("drivecast-collect.service")["Service"], unit("drivecast-collect.timer")["Timer"]
    assert service["StateDirectory"] == "drivecast-collect"
    assert {int(code) for code in shlex.split(service["SuccessExitStatus"])} <= {c.number for c in EXIT_CODES}
    assert timer["Persistent"] == "yes"
    assert service["ExecStart"] in PAGE.read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on this machine")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for path in SYSTEMD.iterdir():
        text = path.read_text(encoding="utf-8").replace("/usr/local/bin/drivecast-collect.pyz", "/bin/true")
        (tmp_path / path.name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, tmp_path.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line for line in done.stderr.splitlines() if str(tmp_path) in line]
    assert not said, done.stderr
