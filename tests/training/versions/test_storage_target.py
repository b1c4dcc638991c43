from __future__ import annotations

import traceback

import pytest

from functions.storage.errors import ModelStoreError, StorageSettingError
from functions.storage.model_store import ModelStore
from tests.support.running_app import RunningAzurite
from training.versions.storage_target import connect

SECRET = "c2VjcmV0"


@pytest.mark.parametrize(
    "target",
    [
        "",
        "account",
        SECRET,
        f"AccountKey={SECRET}",
        f"DefaultEndpointsProtocol=https;AccountKey={SECRET}",
        f"https://user:{SECRET}@account.blob.core.windows.net",
        f"https://account.blob.core.windows.net/models?sig={SECRET}",
        f"http://account.blob.core.windows.net#{SECRET}",
        f"https://[{SECRET}",
        f"https://?sig={SECRET}",
    ],
)
def test_what_is_no_account_is_refused_without_repeating_it(target: str) -> None:
    with pytest.raises(StorageSettingError) as caught:
        connect(target)
    assert "--storage" in caught.value.detail
    assert "https://<account>.blob.core.windows.net" in caught.value.detail
    assert SECRET not in caught.value.detail
    assert SECRET not in "".join(traceback.format_exception_only(caught.value))


def test_a_connection_string(azurite: RunningAzurite) -> None:
    with connect(azurite.connection_string) as service:
        assert service.account_name == "devstoreaccount1"
        assert service.get_service_properties()


def test_an_address_is_used_with_an_identity() -> None:
    with connect("https://account.blob.core.windows.net/") as service:
        assert service.account_name == "account"
        assert type(service.credential).__name__ == "DefaultAzureCredential"


def test_an_address_with_a_signature_is_used_with_that() -> None:
    with connect(f"https://account.blob.core.windows.net/?sv=2024-01-01&sig={SECRET}") as service:
        assert service.credential is None


def test_a_key_that_is_none(azurite: RunningAzurite) -> None:
    text = azurite.connection_string.replace("AccountKey=", f"AccountKey={SECRET[:-1]}")
    with connect(text) as service, pytest.raises(ModelStoreError) as caught:
        ModelStore(service).registry()
    assert SECRET[:-1] not in caught.value.detail
