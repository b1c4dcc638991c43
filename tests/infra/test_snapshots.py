"""The snapshots hold nothing that Azure would refuse, and agree with the code."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from functions.platform_settings import HOME_PAGE, PLATFORM_SETTINGS
from functions.scoring.telemetry import FILE_ENDINGS
from functions.settings import BLOB_TRIGGER_SOURCE, SETTINGS
from functions.storage import containers
from tests.infra.azure_rules import OWNER, ROLES, faults
from tests.infra.snapshot import EVENTS, INFRA, MAIN, read
from tests.test_function_app import BINDINGS

CODE = {setting.name: setting.default for setting in SETTINGS}
CODE |= {setting.name: setting.value for setting in PLATFORM_SETTINGS}
"""Settings of the code, and their values in production."""

FIXED = {BLOB_TRIGGER_SOURCE.name, HOME_PAGE.name}
"""Those of `CODE` that a deployment cannot choose."""

PLATFORM = {
    "AzureWebJobsStorage__credential": r"managedidentity",
    "AzureWebJobsStorage__clientId": r"\[reference\(.+id-drivecast-test-app.+\)\.clientId\]",
    "AzureWebJobsStorage__blobServiceUri": r"\[reference\(.+\)\.primaryEndpoints\.blob\]",
    "AzureWebJobsStorage__queueServiceUri": r"\[reference\(.+\)\.primaryEndpoints\.queue\]",
    "AzureWebJobsStorage__tableServiceUri": r"\[reference\(.+\)\.primaryEndpoints\.table\]",
    "APPLICATIONINSIGHTS_CONNECTION_STRING": r"\[reference\(.+\)\.ConnectionString\]",
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING": r"\[format\('ClientId=\{0\};Authorization=AAD', .+\)\]",
}
"""What the host needs beside them, and what its value has to be."""

NOT_ON_FLEX = re.compile(
    "ENABLE_ORYX_BUILD|FUNCTIONS_(EXTENSION_VERSION|WORKER_.+)|SCM_DO_BUILD_.+|WEBSITE_.+|alwaysOn|clientAffinityEnabled"
    "|ftpsState|functionAppScaleLimit|healthCheckPath|http20Enabled|linuxFxVersion|minimumElasticInstanceCount"
    "|preWarmedInstanceCount|pythonVersion|remoteDebuggingEnabled|vnetRouteAllEnabled"
)
"""Deprecated or ignored on Flex Consumption, or set by none of Microsoft's samples for it."""


def app(name: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Return a snapshot's app, and its settings."""
    found = read(name).one("Microsoft.Web/sites")["properties"]
    settings = found["siteConfig"].get("appSettings", [])
    assert len(settings) == len({setting["name"].lower() for setting in settings})
    return found, {setting["name"]: setting["value"] for setting in settings}


@pytest.mark.parametrize("name", [*MAIN, *EVENTS])
def test_azure_would_refuse_nothing(name: str) -> None:
    assert faults(read(name).resources) == []


def test_what_azure_refuses_is_found() -> None:
    group, account = read("public").resources[0], read("public").one("Microsoft.Storage/storageAccounts")
    site = read("public").one("Microsoft.Web/sites")
    workspace = read("public").one("Microsoft.OperationalInsights/workspaces")
    role = next(read("public").of("Microsoft.Authorization/roleAssignments"))
    owner = {**role["properties"], "roleDefinitionId": f"/roleDefinitions/{OWNER}"}
    assert "2 times" in faults([account, {**account, "id": account["id"].upper()}])[0]
    assert "rg." in faults([{**group, "name": "rg."}])[0]
    assert "my_env.1" in faults([{**site, "name": "func-drivecast-my_env.1-vxlqrn"}])[0]
    assert "log-dev-" in faults([{**workspace, "name": "log-dev-"}])[0]
    assert "West Europe" in faults([{**account, "location": "West Europe"}])[0]
    assert OWNER in faults([{**role, "properties": owner}])[0]


def test_role_guids_are_in_one_file() -> None:
    guid = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
    for file in INFRA.rglob("*.bicep"):
        assert set(guid.findall(file.read_text())) == (
            {*ROLES, OWNER} if file.name == "roles.bicep" else set()
        )


@pytest.mark.parametrize("name", MAIN)
def test_containers_and_queues_are_the_codes(name: str) -> None:
    services = "Microsoft.Storage/storageAccounts"
    made = {each["name"].rpartition("/")[2] for each in read(name).of(f"{services}/blobServices/containers")}
    # Deployment writes into the one, Event Grid into the other; the code knows neither.
    platform = {"app-package", "dead-letter"}
    code = {value for key, value in vars(containers).items() if key.isupper() and isinstance(value, str)}
    assert made == platform | code
    queues = {each["name"].rpartition("/")[2] for each in read(name).of(f"{services}/queueServices/queues")}
    assert queues == {
        found["queueName"] for each in BINDINGS.values() for found in each if "queueName" in found
    }


def test_functions_that_are_named_exist() -> None:
    texts = [path.read_text() for path in [*INFRA.glob("queries/*.kql"), *INFRA.glob("workbook/*.json")]]
    asked = {name for text in texts for name in re.findall(r'\bName == \\?"(\w+)\\?"', text)}
    webhook = read("events-webhook").one("Microsoft.EventGrid/systemTopics/eventSubscriptions")
    address = webhook["properties"]["destination"]["properties"]["endpointUrl"]
    called = re.findall(r"Host\.Functions\.\{1\}&code=\{2\}', .+\.defaultHostName, '(\w+)',", address)
    assert len(called) == 1
    assert asked | set(called) <= BINDINGS.keys()


@pytest.mark.parametrize("name", EVENTS)
def test_events_are_of_files_that_are_scored(name: str) -> None:
    subscription = read(name).one("Microsoft.EventGrid/systemTopics/eventSubscriptions")
    filters = subscription["properties"]["filter"]["advancedFilters"]
    assert [each["values"] for each in filters if each["key"] == "subject"] == [sorted(FILE_ENDINGS)]


def test_settings_are_the_codes() -> None:
    _, usual = app("private")
    assert usual.keys() == CODE.keys() | PLATFORM.keys()
    assert {name: usual[name] for name in CODE} == CODE
    assert [name for name, value in PLATFORM.items() if not re.fullmatch(value, usual[name])] == []
    _, chosen = app("public")
    assert {name for name in CODE if chosen[name] != usual[name]} == {"MODELS_SOURCE", "LOG_HASH_KEY"}
    text = (INFRA / "modules" / "app-settings.bicep").read_text(encoding="utf-8")
    assert set(re.findall(r"^  (\w+): string\?$", text, re.MULTILINE)) == CODE.keys() - FIXED


@pytest.mark.parametrize("name", MAIN)
def test_pages_of_other_origins_are_let_in_only_where_somebody_says_so(name: str) -> None:
    found, settings = app(name)
    allowed = ["https://dashboard.example.com"] if name == "public" else []
    assert found["siteConfig"]["cors"] == {"allowedOrigins": allowed, "supportCredentials": False}
    assert not {name for name in settings if "CORS" in name}, "the host's own CORS beside App Service's"


@pytest.mark.parametrize("name", MAIN)
def test_nothing_is_set_that_flex_consumption_does_not_take(name: str) -> None:
    found, settings = app(name)
    words = [*settings, *re.findall(r'"(\w+)":', json.dumps(found))]
    assert [word for word in words if NOT_ON_FLEX.fullmatch(word)] == []


def test_tags_reach_everything_and_events_come_after_the_code() -> None:
    for name in MAIN:
        tagged = [each["tags"] for each in read(name).resources if "tags" in each]
        assert len(tagged) > 10
        assert {tags["azd-env-name"] for tags in tagged} == {"test"}
        assert "EventGrid" not in json.dumps([each["type"] for each in read(name).resources])
    placed = [each.get("tags") for each in read("events-queue").resources if "location" in each]
    assert placed == ["[coalesce(resourceGroup().tags, createObject())]"] * 2
