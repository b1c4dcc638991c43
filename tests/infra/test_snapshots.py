"""The snapshots hold nothing that Azure would refuse, and agree with the code."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from typing import Any

import pytest

from functions.batch import SCORED_ENDINGS
from functions.settings import BLOB_TRIGGER_SOURCE, SETTINGS
from functions.storage import containers
from tests.infra.azure_rules import OWNER, ROLES, faults
from tests.infra.snapshot import EVENTS, FOLDER, INFRA, MAIN, ROOT, read

EVERY = (*MAIN, *EVENTS)
PLATFORM_CONTAINERS = {"app-package", "dead-letter"}
"""Deployment writes into the one, Event Grid into the other; the code knows neither."""

PLATFORM_SETTINGS = {
    "AzureWebJobsStorage__credential": r"managedidentity",
    "AzureWebJobsStorage__clientId": r"\[reference\(.+id-drivecast-test-app.+\)\.clientId\]",
    "AzureWebJobsStorage__blobServiceUri": r"\[reference\(.+\)\.primaryEndpoints\.blob\]",
    "AzureWebJobsStorage__queueServiceUri": r"\[reference\(.+\)\.primaryEndpoints\.queue\]",
    "AzureWebJobsStorage__tableServiceUri": r"\[reference\(.+\)\.primaryEndpoints\.table\]",
    "APPLICATIONINSIGHTS_CONNECTION_STRING": r"\[reference\(.+\)\.ConnectionString\]",
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING": r"\[format\('ClientId=\{0\};Authorization=AAD', .+\)\]",
}
"""What the host needs, and what its value has to be."""

GONE_ON_FLEX = {
    *("ENABLE_ORYX_BUILD", "FUNCTIONS_EXTENSION_VERSION", "FUNCTIONS_WORKER_PROCESS_COUNT"),
    *("FUNCTIONS_WORKER_RUNTIME", "FUNCTIONS_WORKER_RUNTIME_VERSION", "SCM_DO_BUILD_DURING_DEPLOYMENT"),
    *("WEBSITE_CONTENTAZUREFILECONNECTIONSTRING", "WEBSITE_CONTENTSHARE", "WEBSITE_NODE_DEFAULT_VERSION"),
    *("WEBSITE_MAX_DYNAMIC_APPLICATION_SCALE_OUT", "WEBSITE_RUN_FROM_PACKAGE", "WEBSITE_USE_PLACEHOLDER"),
    *("WEBSITE_SKIP_CONTENTSHARE_VALIDATION", "WEBSITE_VNET_ROUTE_ALL", "alwaysOn", "clientAffinityEnabled"),
    *("ftpsState", "functionAppScaleLimit", "healthCheckPath", "http20Enabled", "linuxFxVersion"),
    *("minimumElasticInstanceCount", "preWarmedInstanceCount", "pythonVersion", "remoteDebuggingEnabled"),
    "vnetRouteAllEnabled",
}
"""Deprecated or ignored on Flex Consumption, or set by none of Microsoft's samples for it."""

INDEX = """
import json
from pathlib import Path
from devhost.runtime import Runtime
print(json.dumps({function.name: function.bindings for function in Runtime(Path.cwd()).functions}))
"""


@pytest.mark.parametrize("name", EVERY)
def test_azure_would_refuse_nothing(name: str) -> None:
    assert faults(read(name).resources) == []


def test_there_is_a_snapshot_for_each_parameter_set_and_no_other() -> None:
    for ending in (".bicepparam", ".snapshot.json"):
        found = {file.name.removesuffix(ending) for file in FOLDER.glob(f"*{ending}")}
        assert found == set(EVERY)


def test_what_azure_refuses_is_found() -> None:
    group, account = read("public").resources[0], read("public").one("Microsoft.Storage/storageAccounts")
    capitals = {**account, "id": account["id"].upper()}
    assert "2 times" in faults([account, capitals])[0]
    assert "rg." in faults([{**group, "name": "rg."}])[0]
    app = read("public").one("Microsoft.Web/sites")
    assert "my_env.1" in faults([{**app, "name": "func-drivecast-my_env.1-vxlqrn"}])[0]
    workspace = read("public").one("Microsoft.OperationalInsights/workspaces")
    assert "log-dev-" in faults([{**workspace, "name": "log-dev-"}])[0]
    assert "West Europe" in faults([{**account, "location": "West Europe"}])[0]
    role = next(read("public").of("Microsoft.Authorization/roleAssignments"))
    other = {**role["properties"], "roleDefinitionId": f"/roleDefinitions/{OWNER}", "description": ""}
    assert len(faults([{**role, "properties": other}])) == 2


def test_role_guids_are_in_one_file() -> None:
    guid = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
    found = {file.name: set(guid.findall(file.read_text())) for file in INFRA.rglob("*.bicep")}
    assert {name: guids for name, guids in found.items() if guids} == {"roles.bicep": {*ROLES, OWNER}}


@pytest.mark.parametrize("name", MAIN)
def test_containers_and_queues_are_the_codes(name: str) -> None:
    code = {value for key, value in vars(containers).items() if key.isupper() and isinstance(value, str)}
    made = read(name).names("Microsoft.Storage/storageAccounts/blobServices/containers")
    assert set(made) == code | PLATFORM_CONTAINERS
    queues = {
        binding["queueName"]
        for bindings in _bindings().values()
        for binding in bindings
        if binding["type"] == "queueTrigger"
    }
    assert set(read(name).names("Microsoft.Storage/storageAccounts/queueServices/queues")) == queues


def test_functions_that_are_named_exist() -> None:
    asked = {
        name
        for path in [*INFRA.glob("queries/*.kql"), *INFRA.glob("workbook/*.json")]
        for name in re.findall(r'\bName == \\?"(\w+)\\?"', path.read_text(encoding="utf-8"))
    }
    subscription = read("events-webhook").one("Microsoft.EventGrid/systemTopics/eventSubscriptions")
    address = subscription["properties"]["destination"]["properties"]["endpointUrl"]
    called = re.findall(r"functionName=Host\.Functions\.\{1\}&code=\{2\}', .+\.defaultHostName, '(\w+)',", address)
    assert called
    assert asked | set(called) <= _bindings().keys()


@pytest.mark.parametrize("name", EVENTS)
def test_events_are_of_files_that_are_scored(name: str) -> None:
    subscription = read(name).one("Microsoft.EventGrid/systemTopics/eventSubscriptions")
    filters = subscription["properties"]["filter"]["advancedFilters"]
    assert [f["values"] for f in filters if f["key"] == "subject"] == [list(SCORED_ENDINGS)]


def test_settings_are_the_codes() -> None:
    wanted = {setting.name: setting.default for setting in SETTINGS}
    found = _settings("private")
    assert found.keys() == wanted.keys() | PLATFORM_SETTINGS.keys()
    assert {name: found[name] for name in wanted} == wanted
    assert [name for name, value in PLATFORM_SETTINGS.items() if not re.fullmatch(value, found[name])] == []


def test_what_a_deployment_chooses_comes_before_productions_value() -> None:
    given, usual = _settings("public"), _settings("private")
    changed = {name for name in given if name not in PLATFORM_SETTINGS and given[name] != usual[name]}
    assert changed == {"MODELS_SOURCE", "LOG_HASH_KEY"}


def test_every_setting_can_be_chosen() -> None:
    text = (INFRA / "modules" / "app-settings.bicep").read_text(encoding="utf-8")
    members = re.findall(r"^  (\w+): string\?$", text, re.MULTILINE)
    assert members == [setting.name for setting in SETTINGS if setting is not BLOB_TRIGGER_SOURCE]


def test_nothing_is_set_that_flex_consumption_does_not_take() -> None:
    for name in MAIN:
        app = read(name).one("Microsoft.Web/sites")
        assert _keys(app) & GONE_ON_FLEX == set()
        assert _settings(name).keys() & GONE_ON_FLEX == set()


def test_event_grid_comes_after_the_code_and_gets_into_a_closed_account() -> None:
    assert not [r for name in MAIN for r in read(name).resources if "EventGrid" in r["type"]]
    topic = read("events-queue").one("Microsoft.EventGrid/systemTopics")
    assert topic["identity"] == {"type": "SystemAssigned"}
    assert "UserAssigned" not in json.dumps(read("events-queue").resources)


def test_tags_reach_everything_that_has_some() -> None:
    for name in MAIN:
        tagged = [r["tags"] for r in read(name).resources if "tags" in r]
        assert len(tagged) > 10
        assert all(tags["azd-env-name"] == "test" for tags in tagged)
    assert all(r.get("tags") for r in read("events-queue").resources if r["type"].count("/") == 1 and "location" in r)


@cache
def _bindings() -> dict[str, list[dict[str, str]]]:
    """Return every function's bindings, as Microsoft's library indexes them."""
    done = subprocess.run([sys.executable, "-c", INDEX], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, list[dict[str, str]]] = json.loads(done.stdout)
    return found


def _settings(name: str) -> dict[str, str]:
    given = read(name).one("Microsoft.Web/sites")["properties"]["siteConfig"]["appSettings"]
    assert len(given) == len({setting["name"].lower() for setting in given})
    return {setting["name"]: setting["value"] for setting in given}


def _keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for inner in value.values() for key in _keys(inner)}
    return {key for inner in value for key in _keys(inner)} if isinstance(value, list) else set()
