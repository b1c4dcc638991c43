"""Roles are those of infra/README.md, and identities are all there is: no key, password or connection string."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.infra.role_table import PEOPLE, assigned, documented, of
from tests.infra.snapshot import EVENTS, INFRA, MAIN, read

FETCHED = re.compile(r"\blist\w*\(|\bgetSecret\(|AccountKey=|SharedAccess|DefaultEndpointsProtocol|[?&]sig=")
SECRET = re.compile(r"(?i)key|secret|password|connection_?string|token|sas$|pwd")
NO_SECRETS = {
    "APPLICATIONINSIGHTS_CONNECTION_STRING",  # where traces go; without a token it lets nobody in
    "LOG_HASH_KEY",  # empty, or a Key Vault reference
}


def test_people_get_the_roles_of_the_table() -> None:
    found = assigned("public")
    assert found.keys() == {"app", "events", *PEOPLE}
    for person, who in PEOPLE.items():
        assert sorted(found[person]) == of(*who)


def test_app_and_event_grid_get_the_roles_of_the_table() -> None:
    found = assigned("public")
    assert sorted(found["app"]) == of("app")
    assert sorted(found["events"]) == of("events")
    assert {who for who, _, _ in documented()} == {"app", "events"}.union(*PEOPLE.values())


def test_in_a_closed_account_event_grids_roles_are_its_topics() -> None:
    assert "events" not in assigned("private")
    assert {name: sorted(rows) for name, rows in assigned("events-queue").items()} == {"events": of("events")}
    assert assigned("events-webhook") == {}


def test_one_key_is_fetched_and_nobody_sees_it() -> None:
    code = {
        file.name: [line for line in file.read_text().splitlines() if not line.strip().startswith("//")]
        for file in INFRA.rglob("*.bicep")
    }
    found = {name: FETCHED.findall("\n".join(lines)) for name, lines in code.items()}
    assert {name: uses for name, uses in found.items() if uses} == {"eventgrid.bicep": ["listKeys("]}
    assert not [name for name, lines in code.items() if "@secure()" in lines]


@pytest.mark.parametrize("name", MAIN)
def test_no_setting_is_a_secret(name: str) -> None:
    settings = read(name).one("Microsoft.Web/sites")["properties"]["siteConfig"]["appSettings"]
    found = {setting["name"]: setting["value"] for setting in settings}
    assert {each for each in found if SECRET.search(each)} == NO_SECRETS
    assert not found["LOG_HASH_KEY"] or found["LOG_HASH_KEY"].startswith("@Microsoft.KeyVault(SecretUri=")
    assert "AzureWebJobsStorage" not in found


@pytest.mark.parametrize("name", [*MAIN, *EVENTS])
def test_no_output_is_a_secret(name: str) -> None:
    assert read(name).outputs
    assert not SECRET.search(json.dumps(read(name).outputs))


def test_no_parameter_is_a_secret() -> None:
    names = re.findall(r"^param (\w+) (?!bool)", "\n".join(f.read_text() for f in INFRA.rglob("*.bicep")), re.M)
    assert len(names) > 50
    assert [name for name in names if SECRET.search(name)] == []


SWITCHES: list[tuple[str, list[str], Any]] = [
    ("Microsoft.Insights/components", ["DisableLocalAuth"], True),
    ("Microsoft.OperationalInsights/workspaces", ["features", "disableLocalAuth"], True),
    ("Microsoft.KeyVault/vaults", ["enableRbacAuthorization"], True),
    ("Microsoft.Storage/storageAccounts", ["allowSharedKeyAccess"], False),
    ("Microsoft.Storage/storageAccounts", ["allowBlobPublicAccess"], False),
    ("Microsoft.Storage/storageAccounts", ["publicNetworkAccess"], "Disabled"),
    ("Microsoft.Storage/storageAccounts", ["networkAcls", "defaultAction"], "Deny"),
    ("Microsoft.Web/sites", ["publicNetworkAccess"], "Disabled"),
    ("Microsoft.Web/sites", ["httpsOnly"], True),
]


@pytest.mark.parametrize(("kind", "path", "wanted"), SWITCHES)
def test_everything_is_closed_in_the_private_network(kind: str, path: list[str], wanted: object) -> None:
    found = read("private").one(kind)["properties"]
    for part in path:
        found = found[part]
    assert found == wanted


def test_publishing_passwords_are_off() -> None:
    kind = "Microsoft.Web/sites/basicPublishingCredentialsPolicies"
    for name in MAIN:
        assert [each["properties"]["allow"] for each in read(name).of(kind)] == [False, False]


def test_containers_are_open_to_nobody() -> None:
    kind = "Microsoft.Storage/storageAccounts/blobServices/containers"
    assert {each["properties"]["publicAccess"] for name in MAIN for each in read(name).of(kind)} == {"None"}
