"""Pages name commands, targets, files and headings that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.documented_commands import commands, take

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "infra" / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}
COMMANDS = sorted({(page, command) for page, text in TEXTS.items() for command in commands(text)})
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize(("page", "command"), [given for given in COMMANDS if given[1].startswith("python")])
def test_a_command_is_taken_by_its_parser(page: str, command: str) -> None:
    take(command)


@pytest.mark.parametrize(("page", "command"), [given for given in COMMANDS if given[1].startswith("make")])
def test_a_target_and_its_variables_exist(page: str, command: str) -> None:
    target = command.split()[1]
    assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE)
    for name in re.findall(r"\b([A-Z]+)=", command):
        assert re.search(rf"^{name} \?=", MAKEFILE, re.MULTILINE), name


@pytest.mark.parametrize("page", TEXTS)
def test_links_lead_somewhere(page: str) -> None:
    for target, anchor in re.findall(r"\]\((?!https?:|mailto:)([^)#]*)(?:#([\w-]+))?\)", TEXTS[page]):
        found = ((ROOT / page).parent / target).resolve() if target else ROOT / page
        assert found.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", found.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", each).lower().replace(" ", "-") for each in headings}
