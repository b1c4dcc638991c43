"""docs/security.md says what infra/ does, and names what there is."""

from __future__ import annotations

import argparse
import importlib
import re
import shlex

import pytest

from ops.__main__ import COMMANDS
from tests.infra.bicep import Infra
from tests.infra.rules.access import documented
from tests.infra.test_rules import INFRA
from tests.support.running_app import PROJECT
from tests.test_function_app import BINDINGS

PAGE = (PROJECT / "docs" / "security.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """Return a section's text."""
    return PAGE.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def rows(text: str) -> list[list[str]]:
    """Return the cells of a section's table, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@pytest.fixture(scope="module")
def infra() -> Infra:
    return Infra.read(INFRA)


def test_the_roles_are_those_of_the_readme(infra: Infra) -> None:
    found = [tuple(row[:3]) for row in rows(section("Roles"))]
    assert len(found) == len(set(found))
    assert set(found) == documented(infra)
    assert all(row[3] for row in rows(section("Roles")))


def test_parameters_and_switches_exist(infra: Infra) -> None:
    main = infra.sheets["main.bicep"]
    parameters = {parameter.name for parameter in main.of("param")}
    named = set(re.findall(r"`(authentication|network|people|keyVault|retention|scale)\b", PAGE))
    assert len(named) == 6
    assert named <= parameters
    account = infra.sheets["modules/storage.bicep"].source
    assert "allowSharedKeyAccess: false" in PAGE
    assert "allowSharedKeyAccess: false" in account


def test_routes_without_a_key_are_those_named() -> None:
    anonymous = {
        name
        for name, bindings in BINDINGS.items()
        if any(binding.get("authLevel") == "ANONYMOUS" for binding in bindings)
    }
    # Health, the pages and what answers for everything else: a new one needs a line in the page's threats.
    assert anonymous == {"health", "wildcard", "home", "page_file", "docs"}


@pytest.mark.parametrize("command", re.findall(r"`python -m (ops|training) ([^`]+)`", PAGE))
def test_every_command_is_one(command: tuple[str, str]) -> None:
    package, words = command
    name, *options = shlex.split(re.sub(r"<[^>]+>", "1", words))
    assert package == "training" or name in COMMANDS
    parser = argparse.ArgumentParser()
    importlib.import_module(f"{package}.{name}").add_arguments(parser)
    if options:
        parser.parse_args(options)


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)", PAGE):
        assert (PROJECT / "docs" / target).is_file(), target
