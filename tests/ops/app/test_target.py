from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from devhost.azurite import connection_string
from ops.app.signed_in import SignedIn
from ops.app.storage_account import SETTING
from ops.app.target import KEY_VARIABLE, Target, add_target_arguments, from_arguments
from ops.errors import OpsError
from tests.ops.conftest import ReplayCli
from tests.ops.deploy.azure_answers import TOKEN
from tests.support.running_app import RunningAzurite

SITE = {"name": "drivecast", "defaultHostName": "drivecast.azurewebsites.net", "state": "Running"}


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # an app started in the checkout leaves word where its Azurite listens
    monkeypatch.delenv(SETTING, raising=False)
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


def target(*arguments: str) -> Target:
    parser = argparse.ArgumentParser()
    add_target_arguments(parser)
    return from_arguments(parser.parse_args(arguments))


def test_without_options_it_is_what_make_start_runs() -> None:
    chosen = target()
    assert (chosen.url, chosen.is_local, chosen.in_azure) == ("http://localhost:7071", True, False)
    assert chosen.has_storage
    assert chosen.account_name is None
    assert chosen.blobs.url.startswith("http://127.0.0.1:10000/devstoreaccount1")


@pytest.mark.parametrize("given", ["https://x.example/", "https://x.example/api", "https://x.example"])
def test_an_address_is_taken_with_and_without_api(given: str) -> None:
    chosen = target("--url", given)
    assert chosen.url == "https://x.example"
    assert not chosen.is_local
    assert not chosen.has_storage


@pytest.mark.parametrize(
    ("option", "named"),
    [("--account", "drivecaststore"), ("--storage", "https://drivecaststore.blob.core.windows.net")],
)
def test_an_account_is_reached_by_identity(option: str, named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, "never looked at")
    chosen = target(option, named)
    assert chosen.blobs.url == "https://drivecaststore.blob.core.windows.net/"
    assert chosen.queues.url == "https://drivecaststore.queue.core.windows.net/"
    assert isinstance(chosen.blobs.credential, SignedIn)
    assert isinstance(chosen.queues.credential, SignedIn)


def test_storage_takes_what_it_takes_in_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, "never looked at")
    chosen = target("--url", "https://x.example", "--storage", connection_string(1, 2, 3))
    assert chosen.has_storage
    assert chosen.account_name is None
    assert chosen.blobs.url.startswith("http://127.0.0.1:1/devstoreaccount1")
    assert chosen.queues.url.startswith("http://127.0.0.1:2/devstoreaccount1")
    assert "AccountKey" not in repr(chosen)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--storage", "drivecaststore"], "--storage"),
        (["--storage", "https://drivecaststore.blob.core.windows.net/telemetry"], "--storage"),
        (["--app", "a"], "--app.*--resource-group"),
        (["--resource-group", "a"], "--app.*--resource-group"),
        (["--account", "AccountKey=abc"], "--account"),
        (["--url", "localhost:7071"], "localhost:7071"),
        (["--url", "ftp://x"], "ftp://x"),
    ],
)
def test_what_cannot_be_a_target(arguments: list[str], named: str) -> None:
    with pytest.raises(OpsError, match=named):
        target(*arguments)


@pytest.mark.parametrize("nested", [False, True])
def test_an_app_in_azure_tells_its_address_account_and_key(replay_cli: ReplayCli, *, nested: bool) -> None:
    # Flex Consumption apps are described as the REST API does, others flat.
    site = {"name": "drivecast", "properties": SITE} if nested else SITE
    settings = [{"name": f"{SETTING}__blobServiceUri", "value": "https://store1.blob.core.windows.net/"}]
    replay_cli(
        {
            "functionapp show": site,
            "functionapp config appsettings list": settings,
            "functionapp keys list": {"functionKeys": {"default": "the-key"}, "systemKeys": {}},
            "resource show": {"properties": {"platform": {"enabled": False}}},
        }
    )
    chosen = target("--app", "drivecast", "--resource-group", "rg")
    assert chosen.url == "https://drivecast.azurewebsites.net"
    assert chosen.account_name == "store1"
    assert chosen.http.headers["x-functions-key"] == "the-key"
    assert "Authorization" not in chosen.http.headers
    assert not chosen.is_local


CLIENT_ID = "00000000-0000-0000-0000-00000000a991"
BEHIND_ENTRA_ID = {
    "properties": {
        "platform": {"enabled": True},
        "identityProviders": {
            "azureActiveDirectory": {"enabled": True, "registration": {"clientId": CLIENT_ID}}
        },
    }
}
"""As infra/modules/authentication.bicep sets it and Azure gives it back."""


def test_an_app_behind_entra_id_is_sent_a_token_of_its_audience(replay_cli: ReplayCli) -> None:
    folder = replay_cli(
        {
            "functionapp show": SITE,
            "functionapp keys list": {"functionKeys": {"default": "the-key"}},
            "resource show": BEHIND_ENTRA_ID,
            "account get-access-token": TOKEN,
        }
    )
    chosen = target("--app", "drivecast", "--resource-group", "rg", "--account", "store1")
    assert chosen.http.headers["Authorization"] == "Bearer the token"
    assert chosen.http.headers["x-functions-key"] == "the-key"
    assert f"--resource {CLIENT_ID}" in (folder / "asked.txt").read_text()


def test_signing_in_gets_a_token_of_every_audience(replay_cli: ReplayCli) -> None:
    folder = replay_cli({"resource show": BEHIND_ENTRA_ID, "account get-access-token": TOKEN})
    target("--app", "drivecast", "--resource-group", "rg", "--account", "store1").sign_in()
    lines = (folder / "asked.txt").read_text().splitlines()
    asked = [line.split("--resource ")[1].split()[0] for line in lines if "get-access-token" in line]
    assert asked == ["https://storage.azure.com", CLIENT_ID]


def test_on_this_machine_nobody_signs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    target().sign_in()


def test_an_app_without_an_account_setting(replay_cli: ReplayCli) -> None:
    replay_cli({"functionapp config appsettings list": []})
    with pytest.raises(OpsError, match=f"{SETTING}__blobServiceUri"):
        _ = target("--app", "drivecast", "--resource-group", "rg").blobs


def test_the_key_of_the_environment_needs_no_cli(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "given")
    assert target("--url", "https://x.example").http.headers["x-functions-key"] == "given"
    monkeypatch.delenv(KEY_VARIABLE)
    assert "x-functions-key" not in target().http.headers


def test_a_broken_connection_string_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, "AccountKey-oops-secret")
    for service in ("blobs", "queues"):
        with pytest.raises(OpsError, match=SETTING) as caught:
            getattr(target(), service)
        assert "secret" not in str(caught.value)


def test_the_environment_names_the_account(account: RunningAzurite) -> None:
    assert target("--url", "https://x.example").has_storage
    assert f":{account.at.blob}/" in target().blobs.url
    assert f":{account.at.queue}/" in target().queues.url
