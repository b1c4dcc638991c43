"""App settings to client."""

from __future__ import annotations

import subprocess
import sys

import pytest

from functions.storage.accounts import blob_service, retry_policy
from functions.storage.errors import StorageSettingError

KEY = "a2V5"


def test_one_client_per_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("Once", f"DefaultEndpointsProtocol=https;AccountName=fleet;AccountKey={KEY}")
    assert blob_service("Once") is blob_service("Once")
    assert blob_service("Once").account_name == "fleet"


def test_development_storage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("Emulated", "UseDevelopmentStorage=true")
    assert blob_service("Emulated").url == "http://127.0.0.1:10000/devstoreaccount1/"


@pytest.mark.parametrize(
    ("suffix", "value"),
    [
        ("blobServiceUri", "https://fleet.blob.core.windows.net"),
        ("serviceUri", "https://fleet.blob.core.windows.net"),
        ("accountName", "fleet"),
    ],
)
@pytest.mark.parametrize("credential", ["managedidentity", ""])
def test_identity_based(monkeypatch: pytest.MonkeyPatch, suffix: str, value: str, credential: str) -> None:
    from azure.identity import DefaultAzureCredential, ManagedIdentityCredential

    connection = f"Identity{suffix}{credential}"
    monkeypatch.setenv(f"{connection}__{suffix}", value)
    monkeypatch.setenv(f"{connection}__credential", credential)
    monkeypatch.setenv(f"{connection}__clientId", "11111111-2222-3333-4444-555555555555")
    client = blob_service(connection)
    assert client.url == "https://fleet.blob.core.windows.net/"
    assert isinstance(client.credential, ManagedIdentityCredential if credential else DefaultAzureCredential)


def test_nothing_configured_names_the_settings() -> None:
    with pytest.raises(StorageSettingError) as caught:
        blob_service("Absent")
    for setting in ("Absent ", "Absent__blobServiceUri", "Absent__serviceUri", "Absent__credential"):
        assert setting in caught.value.detail


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"Bad": "AccountKey=secret-key-of-mine"}, "Bad"),
        ({"Bad": "certainly not"}, "Bad"),
        ({"Bad__serviceUri": "fleet.blob.core.windows.net"}, "Bad__serviceUri"),
        ({"Bad__accountName": "fleet", "Bad__credential": "password"}, "Bad__credential"),
    ],
)
def test_unusable_settings(monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], named: str) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(StorageSettingError) as caught:
        blob_service("Bad")
    assert f"{named} " in caught.value.detail
    assert "secret-key-of-mine" not in caught.value.detail


def test_azure_identity_is_not_imported_for_a_connection_string() -> None:
    program = (
        "import os, sys; os.environ['X'] = 'UseDevelopmentStorage=true'\n"
        "from functions.storage.accounts import blob_service; blob_service('X')\n"
        "print('azure.identity' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_retries_span_about_a_minute() -> None:
    policy = retry_policy()
    policy.random_jitter_range = 0
    waits = [policy.get_backoff_time({"count": count}) for count in range(policy.total_retries)]
    assert waits == [1, 3, 5, 9, 17, 33]
