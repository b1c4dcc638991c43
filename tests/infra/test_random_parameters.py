"""Parameter sets chosen at random from the types of main.bicep's parameters: nothing Azure would refuse."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from functions.settings import BLOB_TRIGGER_SOURCE, SETTINGS
from tests.infra.azure_rules import faults
from tests.infra.conftest import Compile, built

SEEDS = (6, 7, 8, 9)
KINDS = ("User", "Group", "ServicePrincipal")
PEOPLE = [f"{number}aaaaaaa-0000-4000-8000-00000000000a" for number in range(6)]
CHOSEN = [setting.name for setting in SETTINGS if setting is not BLOB_TRIGGER_SOURCE]


def people(at: random.Random) -> list[dict[str, str]]:
    """Return people, some twice or without an id; one is of one kind, however the id is spelled."""
    chosen = at.choices([*enumerate(PEOPLE), (0, "")], k=at.randrange(6))
    return [{"id": at.choice([one, one.upper(), f" {one} "]), "type": KINDS[n % 3]} for n, one in chosen]


def words(*of: str) -> Callable[[random.Random], list[str]]:
    """Return what chooses some words, each as often as it likes."""
    return lambda at: at.choices(of, k=at.randrange(6))


CHOICES: dict[str, Callable[[random.Random], Any]] = {
    "environmentName": lambda at: f"aZ{''.join(at.choices('aZ5-', k=at.randrange(18)))}7",
    "location": lambda at: at.choice(["West Europe", "northeurope", " EastUS2", ""]),
    "resourceGroupName": lambda at: at.choice(["rg", "My_Group.(1)", "x" * 90]),
    "tags": lambda at: at.choice([{}, {"owner": "somebody"}, {"application": "another"}]),
    "settings": lambda at: dict.fromkeys(at.sample(CHOSEN, at.randrange(len(CHOSEN))), "1"),
    "emails": words("a@b.example", " A@b.example", "", " ", "c+d@e.example"),
    "budgetStartDate": lambda at: f"2026-{at.randrange(1, 13):02}-01",
    "logsDailyQuotaGb": lambda at: at.choice([-1, 1, 100]),
    "addressPrefix": lambda _: "10.20.0.0/24",
    "appSubnetPrefix": lambda _: "10.20.0.0/26",
    "endpointSubnetPrefix": lambda _: "10.20.0.64/26",
    "clientId": lambda at: at.choice(["", " ", str(uuid.UUID(int=7))]),
    "corsOrigins": words("https://a.example", "https://a.example ", "http://localhost:3000", "", " "),
    "allowedApplications": words("", PEOPLE[0], f"{PEOPLE[0].upper()} ", PEOPLE[1]),
    **dict.fromkeys(("uploaders", "operators", "deployers"), people),
}
"""What has rules that its type does not say."""


def value(at: random.Random, name: str, shape: dict[str, Any], types: dict[str, Any]) -> Any:
    """Return a value of a type at random, as a compiled template describes it."""
    shape = types[shape["$ref"].rpartition("/")[2]] if "$ref" in shape else shape
    if name in CHOICES:
        return CHOICES[name](at)
    if "properties" in shape:
        return {member: value(at, member, its, types) for member, its in shape["properties"].items()}
    if "allowedValues" in shape:
        return at.choice(shape["allowedValues"])
    if shape["type"] == "bool":
        return at.random() < 0.5
    assert shape["type"] == "int", f"{name}: {shape['type']} has no values here"
    return at.randint(shape.get("minValue", 0), shape.get("maxValue", 1000))


def test_azure_would_refuse_nothing(bicep: str, main_bicep: Compile, tmp_path: Path) -> None:
    template = built(bicep, "main")
    seen: set[tuple[str, bool, bool]] = set()
    for seed in SEEDS:
        at = random.Random(seed)
        given = {
            name: value(at, name, shape, template["definitions"])
            for name, shape in template["parameters"].items()
        }
        (tmp_path / "given.json").write_text(json.dumps(given), encoding="utf-8")
        found = main_bicep(
            "\n".join(f"param {name} = loadJsonContent('given.json', '{name}')" for name in given)
        )
        assert faults(found.resources) == [], given
        assert len(found.resources) > 35
        seen.add(
            (given["network"]["mode"], given["keyVault"], bool(given["authentication"]["clientId"].strip()))
        )
    for of_one, values in zip(zip(*seen, strict=True), (3, 2, 2), strict=True):
        assert len(set(of_one)) == values, (
            f"the seeds do not have every network, vault and authentication: {seen}"
        )
