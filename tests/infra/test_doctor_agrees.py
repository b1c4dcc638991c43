"""What infra/ deploys is what `python -m ops doctor` looks for."""

from __future__ import annotations

from typing import Any

import pytest

from ops.doctor.event_filter import UNWANTED, WANTED, Event, blob_event, passes
from ops.doctor.roles import missing_roles
from tests.infra.azure_rules import ROLES
from tests.infra.roles import assigned
from tests.infra.snapshot import EVENTS, read

ACCOUNT = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a"


@pytest.fixture(params=EVENTS)
def conditions(request: pytest.FixtureRequest) -> dict[str, Any]:
    subscription = read(request.param).one("Microsoft.EventGrid/systemTopics/eventSubscriptions")
    found: dict[str, Any] = subscription["properties"]["filter"]
    return found


@pytest.mark.parametrize("event", [*WANTED.values(), blob_event("telemetry", "DAY.CSV")], ids=str)
def test_what_has_to_be_scored_gets_through(event: Event, conditions: dict[str, Any]) -> None:
    assert passes(conditions, event)


@pytest.mark.parametrize(
    "event",
    [
        *UNWANTED.values(),
        blob_event("telemetry", "notes.txt"),
        blob_event("telemetry", "day.csv", api="CreateFile"),
        blob_event("runs", "telemetry/day.csv"),
    ],
    ids=str,
)
def test_what_would_cost_for_nothing_does_not(event: Event, conditions: dict[str, Any]) -> None:
    assert not passes(conditions, event)


def test_the_app_gets_the_roles_the_doctor_asks_for() -> None:
    guids = {role: guid for guid, role in ROLES.items()}
    found = [
        {"roleDefinitionId": f"/roles/{guids[role]}", "scope": ACCOUNT}
        for role, scope in assigned("public")["app"]
        if scope == "storage account"
    ]
    assert len(found) == 3
    assert missing_roles(ACCOUNT, found) == []
    assert missing_roles(ACCOUNT, [])
