"""docs/security.md says what infra/ does, and names what there is."""

from __future__ import annotations

import json
import re

from tests.infra.roles import documented
from tests.infra.snapshot import INFRA, MAIN, parameters, read
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


def test_the_roles_are_those_of_the_readme() -> None:
    found = [tuple(row[:3]) for row in rows(section("Roles"))]
    assert len(found) == len(set(found))
    assert set(found) == documented()
    assert all(row[3] for row in rows(section("Roles")))


def test_parameters_and_switches_exist() -> None:
    named = set(re.findall(r"`(authentication|network|people|keyVault|retention|scale)\b", PAGE))
    assert len(named) == 6
    assert named <= parameters("main.bicep").keys()
    for name in MAIN:
        account = read(name).one("Microsoft.Storage/storageAccounts")
        assert account["properties"]["allowSharedKeyAccess"] is False


def test_what_needs_no_token_of_entra_is_what_the_page_says() -> None:
    settings = read("public").one("Microsoft.Web/sites/config")["properties"]["globalValidation"]
    assert settings["requireAuthentication"]
    assert settings["unauthenticatedClientAction"] == "Return401"
    found = re.findall(r"`([^`]+)`", "\n".join(row[0] for row in rows(section("Entra ID"))))
    assert found == settings["excludedPaths"]


def test_routes_without_a_key_are_those_named() -> None:
    anonymous = {
        name
        for name, bindings in BINDINGS.items()
        if any(binding.get("authLevel") == "ANONYMOUS" for binding in bindings)
    }
    # Health, the pages and what answers for everything else: a new one needs a line in the page's threats.
    assert anonymous == {"health", "wildcard", "home", "page_file", "docs"}


def test_the_limits_of_the_logs_are_those_of_infra_and_host_json() -> None:
    host = json.loads((PROJECT / "host.json").read_text())["logging"]["applicationInsights"]
    found = {
        re.findall(r"`([^`]+)`", where)[0]: value for _, where, value in rows(section("Limits of the logs"))
    }
    workspace = read("public").one("Microsoft.OperationalInsights/workspaces")["properties"]
    assert found == {
        "logsDailyQuotaGb": str(workspace["workspaceCapping"]["dailyQuotaGb"]),
        "retention.logsDays": str(workspace["retentionInDays"]),
        "maxTelemetryItemsPerSecond": str(host["samplingSettings"]["maxTelemetryItemsPerSecond"]),
        "excludedTypes": host["samplingSettings"]["excludedTypes"],
    }
    # The main template's own values, not those of the snapshot's parameters.
    main = (INFRA / "main.bicep").read_text()
    assert f"param logsDailyQuotaGb int = {found['logsDailyQuotaGb']}\n" in main
    assert f"  logsDays: {found['retention.logsDays']}\n" in main


def test_a_full_workspace_is_told_and_does_not_blind_every_alert() -> None:
    (cap,) = (
        alert
        for alert in read("public").of("Microsoft.Insights/scheduledQueryRules")
        if alert["name"].endswith("-logs-full")
    )
    assert "_LogOperation" in cap["properties"]["criteria"]["allOf"][0]["query"]
    assert cap["properties"]["enabled"]
    (metric,) = read("public").of("Microsoft.Insights/metricAlerts")
    app = read("public").one("Microsoft.Web/sites")
    assert metric["properties"]["scopes"] == [app["id"]]
    assert metric["properties"]["criteria"]["allOf"][0]["metricName"] == "Http5xx"
