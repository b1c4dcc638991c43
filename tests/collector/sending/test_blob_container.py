from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from azure.storage.blob import ContainerSasPermissions, generate_container_sas

from collector.errors import ConfigurationError
from collector.exit_codes import REFUSED
from collector.sending import azure_token
from collector.sending.azure_token import storage_token
from collector.sending.blob_container import blob_container
from collector.sending.delivery import Delivered, deliver
from collector.sending.parcel import BLOB, Parcel
from collector.sending.retries import RetryBudget
from collector.sending.spool import Spool
from tests.support.running_app import RunningAzurite
from tests.support.scripted_receiver import Scripted, ScriptedReceiver

CSV = b"date,serial_number,model\n2026-11-30,S,M\n"
CONTAINER = "collected"


def no_token() -> str:
    raise AssertionError("a SAS is there")


def upload(
    folder: Path, container: str, token: object = no_token, name: str = "h1/2026-11-30.csv"
) -> Delivered:
    spool = Spool(folder, 10**6)
    spool.add(Parcel(BLOB, name, CSV))
    return deliver(spool, blob_container(container, token), RetryBudget(1, 60), 30)  # type: ignore[arg-type]


def sas(azurite: RunningAzurite, permissions: str = "cw", hours: float = 1) -> str:
    """Return the address of the container with a SAS."""
    client = azurite.blobs.get_container_client(CONTAINER)
    if not client.exists():
        client.create_container()
    query = generate_container_sas(
        str(client.account_name),
        CONTAINER,
        account_key=azurite.blobs.credential.account_key,
        permission=ContainerSasPermissions.from_string(permissions),
        expiry=dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours),
    )
    return f"{client.url}?{query}"


def test_a_file_arrives_with_a_sas(azurite: RunningAzurite, tmp_path: Path) -> None:
    done = upload(tmp_path, sas(azurite), name="host with ä/2026-11-30.csv")
    assert (done.taken, done.codes, done.lines) == (1, set(), [])
    blob = azurite.blobs.get_blob_client(CONTAINER, "host with ä/2026-11-30.csv")
    assert blob.download_blob().readall() == CSV
    assert blob.get_blob_properties().content_settings.content_type == "text/csv; charset=utf-8"
    assert len(Spool(tmp_path, 1)) == 0


def test_a_days_second_file_replaces_the_first(azurite: RunningAzurite, tmp_path: Path) -> None:
    container = sas(azurite)
    for address in (container, container.replace("?", "??")):  # as it is pasted
        assert upload(tmp_path, address, name="h2/2026-11-30.csv").taken == 1


@pytest.mark.parametrize("broken", ["expired", "read only", "signature"])
def test_a_sas_that_does_not_suffice(azurite: RunningAzurite, tmp_path: Path, broken: str) -> None:
    container = sas(azurite, "r" if broken == "read only" else "cw", -1 if broken == "expired" else 1)
    if broken == "signature":
        container = container.replace("sig=", "sig=A")
    done = upload(tmp_path, container)
    assert (done.taken, done.codes, len(done.lines)) == (0, {REFUSED}, 1)
    assert "sig=" not in done.lines[0]
    assert "SAS" in done.lines[0]
    assert upload(tmp_path, sas(azurite)).taken == 1  # kept until it was mended


def test_a_container_that_does_not_exist(azurite: RunningAzurite, tmp_path: Path) -> None:
    container = sas(azurite).replace(f"/{CONTAINER}?", "/not-there?")
    assert upload(tmp_path, container).codes == {REFUSED}


def test_a_token_of_az_login(receiver: ScriptedReceiver, tmp_path: Path) -> None:
    asked = []

    def token() -> str:
        asked.append(1)
        return "TOKEN"

    spool = Spool(tmp_path, 10**6)
    for name in "ab":
        spool.add(Parcel(BLOB, name, CSV))
    receiver.then = Scripted(201)
    deliver(spool, blob_container(f"{receiver.url}/telemetry", token), RetryBudget(1, 60), 30)
    assert [request.path for request in receiver.received] == ["/telemetry/a", "/telemetry/b"]
    assert {request.headers["authorization"] for request in receiver.received} == {"Bearer TOKEN"}
    assert receiver.received[0].headers["x-ms-blob-type"] == "BlockBlob"
    assert asked == [1]


def test_storages_own_words(receiver: ScriptedReceiver, tmp_path: Path) -> None:
    error = b"<Error><Code>X</Code><Message>This request is not authorized.\nRequestId:1</Message></Error>"
    body = b"\xef\xbb\xbf<?xml version='1.0'?>" + error
    receiver.then = Scripted(403, body, {"x-ms-error-code": "AuthorizationPermissionMismatch"})
    [line] = upload(tmp_path, f"{receiver.url}/telemetry", lambda: "T").lines
    assert "AuthorizationPermissionMismatch: This request is not authorized." in line


def az(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put an Azure CLI on PATH."""
    program = folder / "az"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_the_azure_cli_gives_a_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = json.dumps({"accessToken": "TOKEN", "tokenType": "Bearer"})
    az(tmp_path, monkeypatch, f"echo \"$@\" > '{tmp_path}/asked'\necho '{answer}'")
    assert storage_token() == "TOKEN"
    asked = (tmp_path / "asked").read_text().split()
    assert asked == [
        "account",
        "get-access-token",
        "--resource",
        "https://storage.azure.com/",
        "--output",
        "json",
    ]


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo 'ERROR: Please run az login' >&2; exit 1", "az login"),
        ("echo '{}'", "no token"),
        ("echo hello", "no token"),
        ("exec sleep 30", "did not answer"),
    ],
)
def test_an_azure_cli_that_gives_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, words: str
) -> None:
    monkeypatch.setattr(azure_token, "TOKEN_SECONDS", 0.5)
    az(tmp_path, monkeypatch, script)
    with pytest.raises(ConfigurationError, match=words):
        storage_token()


def test_no_azure_cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigurationError, match="az login"):
        storage_token()
