"""What infra/ deploys is what `python -m ops doctor` looks for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ops.doctor.event_filter import UNWANTED, WANTED, Event, blob_event, passes
from ops.doctor.roles import missing_roles
from tests.infra.bicep import Infra
from tests.infra.rules.access import BUILT_IN, assignments

INFRA = Path(__file__).parents[2] / "infra"
ACCOUNT = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a"


@pytest.fixture(scope="module")
def conditions() -> dict[str, Any]:
    infra = Infra.read(INFRA)
    uploads: dict[str, Any] = infra.sheets["eventgrid.bicep"].one("var", "uploads").value
    return {**uploads, "subjectBeginsWith": infra.names(uploads["subjectBeginsWith"])}


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
    guids = {name.lower(): guid for name, guid in BUILT_IN.items()}
    assigned = [
        {"roleDefinitionId": f"/roles/{guids[role.replace(' ', '').lower()]}", "scope": ACCOUNT}
        for who, role, scope in assignments(Infra.read(INFRA))
        if who == "app" and scope == "storage account"
    ]
    assert len(assigned) == 3
    assert missing_roles(ACCOUNT, assigned) == []
    assert missing_roles(ACCOUNT, [])
