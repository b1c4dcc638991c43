"""Parameter sets chosen at random from the types of main.bicep's parameters: nothing Azure would refuse."""

from __future__ import annotations

import json
import random
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from functions.settings import BLOB_TRIGGER_SOURCE, SETTINGS
from tests.infra.azure_rules import faults
from tests.infra.conftest import Compile
from tests.infra.snapshot import INFRA

SEEDS = range(8, 12)
"""Together they have every network, with and without a vault and authentication."""

# A type is its members, or one of some words; a member, as a parameter, may have bounds above it.
TYPE = re.compile(r"^type (\w+) = (?:\{\n((?:.*\n)*?)\}|([^\n{]+))$", re.MULTILINE)
TYPES = {name: members or words for name, members, words in TYPE.findall((INFRA / "types.bicep").read_text())}
MEMBER = re.compile(r"((?:^  @.*\n)*)^  (\w+): (.+)$", re.MULTILINE)
PARAMETER = re.compile(r"((?:^@.*\n)*)^param (\w+) ([^=\n]+?)(?: =.*)?$", re.MULTILINE)
PARAMETERS = PARAMETER.findall((INFRA / "main.bicep").read_text())
KINDS = ("User", "Group", "ServicePrincipal")
PEOPLE = [f"{number}aaaaaaa-0000-4000-8000-00000000000a" for number in range(6)]

CHOSEN = [setting.name for setting in SETTINGS if setting is not BLOB_TRIGGER_SOURCE]

TEXTS: dict[str, Callable[[random.Random], Any]] = {
    "environmentName": lambda at: f"aZ{''.join(at.choices('aZ5-', k=at.randrange(18)))}7",
    "location": lambda at: at.choice(["West Europe", "northeurope", " EastUS2", ""]),
    "resourceGroupName": lambda at: at.choice(["rg", "My_Group.(1)", "x" * 90]),
    "tags": lambda at: at.choice([{}, {"owner": "somebody"}, {"application": "another"}]),
    "settings": lambda at: dict.fromkeys(at.sample(CHOSEN, at.randrange(len(CHOSEN))), "1"),
    "emails": lambda at: at.choices(
        ["a@b.example", " A@b.example", "", " ", "c+d@e.example"], k=at.randrange(6)
    ),
    "budgetStartDate": lambda at: f"2026-{at.randrange(1, 13):02}-01",
    "logsDailyQuotaGb": lambda at: at.choice([-1, 1, 100]),
    "addressPrefix": lambda _: "10.20.0.0/24",
    "appSubnetPrefix": lambda _: "10.20.0.0/26",
    "endpointSubnetPrefix": lambda _: "10.20.0.64/26",
    "clientId": lambda at: at.choice(["", " ", str(uuid.UUID(int=7))]),
    "allowedApplications": lambda at: at.choices(["", "ABC", "abc ", "def"], k=at.randrange(4)),
}
"""What is text, and so has rules that its type does not say."""


def value(at: random.Random, name: str, kind: str, above: str = "") -> Any:
    """Return a value of a type of types.bicep, or of Bicep, at random."""
    if name in TEXTS:
        return TEXTS[name](at)
    if kind == "principal[]":
        # One object is of one kind, however it is spelled.
        chosen = at.choices([*enumerate(PEOPLE), (0, "")], k=at.randrange(6))
        return [{"id": at.choice([one, one.upper(), f" {one} "]), "type": KINDS[n % 3]} for n, one in chosen]
    text = TYPES.get(kind, kind)
    if "\n" in text:
        return {member: value(at, member, its_kind, over) for over, member, its_kind in MEMBER.findall(text)}
    if "|" in text:
        return json.loads(at.choice(text.split("|")).strip().replace("'", '"'))
    if kind == "bool":
        return at.random() < 0.5
    assert kind == "int", f"{name}: {kind} has no values here"
    bounds = dict(re.findall(r"@(min|max)Value\((-?\d+)\)", above))
    return at.randint(int(bounds.get("min", 0)), int(bounds.get("max", 1000)))


def bicep_text(given: Any) -> str:
    """Return a value as Bicep writes it."""
    if isinstance(given, dict):
        return "{ " + ", ".join(f"{name}: {bicep_text(inner)}" for name, inner in given.items()) + " }"
    if isinstance(given, list):
        return "[" + ", ".join(map(bicep_text, given)) + "]"
    return f"'{given}'" if isinstance(given, str) else json.dumps(given)


def lines(seed: int) -> str:
    """Return a parameter file's lines: every parameter, the same for the same seed."""
    at = random.Random(seed)
    return "\n".join(
        f"param {name} = {bicep_text(value(at, name, kind, above))}" for above, name, kind in PARAMETERS
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_azure_would_refuse_nothing(seed: int, main_bicep: Compile) -> None:
    found = main_bicep(lines(seed))
    assert faults(found.resources) == [], lines(seed)
    assert len(found.resources) > 35


def test_the_sets_have_what_matters() -> None:
    sets = "\n".join(lines(seed) for seed in SEEDS)
    assert sets.count("param ") == len(SEEDS) * len(PARAMETERS) > 50
    wanted = [
        "'public'",
        "'private'",
        "'privateStorage'",
        "keyVault = true",
        "keyVault = false",
        "clientId: '0",
    ]
    assert [each for each in wanted if each not in sets] == []
