from __future__ import annotations

from typing import Any

import pytest

from ops.doctor.roles import BLOB_CONTRIBUTOR, BLOB_READER, QUEUE_CONTRIBUTOR, missing_roles, principal_id
from tests.ops.doctor.hand_written_answers import ACCOUNT_ID, CLIENT_ID, GROUP, PRINCIPAL_ID, ROLES, healthy


def assigned(role: str, scope: str = ACCOUNT_ID) -> dict[str, Any]:
    return {"roleDefinitionId": f"{ROLES}/{role}", "scope": scope}


QUEUES = assigned(QUEUE_CONTRIBUTOR)


def test_the_roles_that_infra_assigns_suffice() -> None:
    assert missing_roles(ACCOUNT_ID, healthy("http://x")["role assignment list"]) == []


@pytest.mark.parametrize("scope", [GROUP, GROUP.upper(), ACCOUNT_ID + "/"])
def test_a_role_holds_for_all_below_its_scope(scope: str) -> None:
    assert missing_roles(ACCOUNT_ID, [assigned(BLOB_CONTRIBUTOR, scope), QUEUES]) == []


def test_a_role_on_another_account_does_not_count() -> None:
    assert len(missing_roles(ACCOUNT_ID, [assigned(BLOB_CONTRIBUTOR, f"{ACCOUNT_ID}2"), QUEUES])) == 5
    assert missing_roles(ACCOUNT_ID, [assigned(BLOB_CONTRIBUTOR)]) == [
        "no Storage Queue Data Contributor on the queues"
    ]


def test_reading_is_enough_for_telemetry_only() -> None:
    lacking = missing_roles(ACCOUNT_ID, [assigned(BLOB_READER), QUEUES])
    assert lacking == [
        f"no Storage Blob Data Contributor on {name}"
        for name in ("predictions", "runs", "history", "azure-webjobs-hosts")
    ]
    one = f"{ACCOUNT_ID}/blobServices/default/containers/runs"
    assert "runs" not in " ".join(
        missing_roles(ACCOUNT_ID, [assigned(BLOB_READER), assigned(BLOB_CONTRIBUTOR, one), QUEUES])
    )


def test_the_identity_is_found_by_its_client_id() -> None:
    identity = healthy("http://x")["functionapp show"]["identity"]
    assert principal_id(identity, CLIENT_ID.upper()) == PRINCIPAL_ID
    assert principal_id(identity, "another") is None
    assert principal_id(None, CLIENT_ID) is None
    assert principal_id({"principalId": "own"}, None) == "own"
    assert principal_id({"principalId": None}, None) is None
