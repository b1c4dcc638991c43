"""Roles are those of infra/README.md, and one key is fetched: everything else goes by identity."""

from __future__ import annotations

import json
import re

import pytest

from tests.infra.roles import assigned, documented
from tests.infra.snapshot import EVENTS, INFRA, MAIN, read

# Who has a role in public.bicepparam, and what each is; infra/README.md says who is what as well.
WHO = {
    "app": {"app"},
    "events": {"events"},
    "00000000-0000-4000-8000-00000000000a": {"uploaders"},
    "00000000-0000-4000-8000-00000000000b": {"uploaders", "operators", "readers", "deployers"},
    "00000000-0000-4000-8000-00000000000c": {"uploaders", "readers", "deployers"},
    "00000000-0000-4000-8000-00000000000d": {"uploaders", "operators", "readers"},
}

FETCHED = re.compile(r"\blist\w*\(|\bgetSecret\(|AccountKey=|SharedAccess|DefaultEndpointsProtocol|[?&]sig=")
SECRET = re.compile(r"(?i)key|secret|password|connection_?string|token|sas$|pwd")
NO_SECRETS = {
    "APPLICATIONINSIGHTS_CONNECTION_STRING",  # where traces go; without a token it lets nobody in
    "LOG_HASH_KEY",  # empty, or a Key Vault reference
}


def test_everybody_gets_the_roles_of_the_table() -> None:
    for one, rows in assigned("public").items():
        assert sorted(rows) == sorted((role, scope) for kind, role, scope in documented() if kind in WHO[one])
    assert assigned("public").keys() == WHO.keys()
    assert {kind for kind, _, _ in documented()} == set[str]().union(*WHO.values())


def test_in_a_closed_account_event_grids_roles_are_its_topics() -> None:
    for name in ("private", "private-storage"):
        assert assigned(name).keys() == {"app"}
    of_events = {"events": sorted(assigned("public")["events"])}
    assert {who: sorted(rows) for who, rows in assigned("events-queue").items()} == of_events
    assert read("events-queue").one("Microsoft.EventGrid/systemTopics")["identity"] == {
        "type": "SystemAssigned"
    }
    assert "UserAssigned" not in json.dumps(read("events-queue").resources)


def test_one_key_is_fetched_and_nobody_sees_it() -> None:
    for file in INFRA.rglob("*.bicep"):
        code = re.sub(r"^ *//.*$", "", file.read_text(), flags=re.MULTILINE)
        assert FETCHED.findall(code) == (["listKeys("] if file.name == "eventgrid.bicep" else []), file
        assert "@secure()" not in code, file
    for name in (*MAIN, *EVENTS):
        assert not SECRET.search(json.dumps(read(name).outputs))


@pytest.mark.parametrize("name", MAIN)
def test_no_setting_is_a_secret(name: str) -> None:
    settings = read(name).one("Microsoft.Web/sites")["properties"]["siteConfig"]["appSettings"]
    found = {setting["name"]: setting["value"] for setting in settings}
    assert {each for each in found if SECRET.search(each)} == NO_SECRETS
    assert not found["LOG_HASH_KEY"] or found["LOG_HASH_KEY"].startswith("@Microsoft.KeyVault(SecretUri=")
    assert "AzureWebJobsStorage" not in found
