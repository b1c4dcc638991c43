from __future__ import annotations

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError

from devhost.azurite import connection_string
from ops.app.ports import free_ports
from ops.app.target import Target
from ops.doctor.storage import PROVISIONED, check_containers, check_storage
from tests.ops.conftest import ReplayCli
from tests.support.running_app import RunningAzurite


def test_an_account_that_answers(account: RunningAzurite) -> None:
    assert check_storage(Target()).state == "ok"
    found = check_containers(Target())
    assert (found.state, found.message) == ("ok", "there: telemetry")


def test_an_account_that_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AzureWebJobsStorage", connection_string(*free_ports(3)))
    monkeypatch.setattr("ops.app.storage_account.connect", _impatient)
    found = check_storage(Target())
    assert found.state == "failed"
    assert "does not answer" in found.message


def _impatient(connection: str) -> object:
    from azure.storage.blob import BlobServiceClient

    return BlobServiceClient.from_connection_string(connection, retry_total=0)


def test_a_refusal_names_the_roles(account: RunningAzurite, monkeypatch: pytest.MonkeyPatch) -> None:
    error = HttpResponseError(message="AuthorizationPermissionMismatch\nmore")
    error.status_code = 403

    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("azure.storage.queue.QueueClient.get_queue_properties", refuse)
    found = check_storage(Target())
    assert found.state == "failed"
    assert "Storage Queue Data Contributor" in found.todo
    error.status_code = 400
    with pytest.raises(HttpResponseError):
        check_storage(Target())
    assert not issubclass(HttpResponseError, ClientAuthenticationError)


def test_missing_containers(
    account: RunningAzurite, replay_cli: ReplayCli, monkeypatch: pytest.MonkeyPatch
) -> None:
    replay_cli({"storage container-rm list": [{"name": name} for name in PROVISIONED if name != "history"]})
    found = check_containers(Target(app="drivecast", resource_group="rg"))
    assert (found.state, found.message) == ("failed", "missing: history")
    monkeypatch.setattr("functions.storage.containers.TELEMETRY", "absent")
    found = check_containers(Target())
    assert (found.state, found.todo) == ("failed", "start the app: devhost makes it")
