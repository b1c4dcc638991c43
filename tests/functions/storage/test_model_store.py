from __future__ import annotations

import re
from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient, LinearRetry

from functions.errors import ModelError
from functions.storage import model_store
from functions.storage.errors import ModelStoreError, RegistryMissingError
from functions.storage.model_store import ModelStore, checked_name
from tests.support.model_container import ModelContainer
from tests.support.running_app import RunningAzurite, free_ports


def test_the_registry_by_etag(model_container: ModelContainer) -> None:
    store = ModelStore(model_container.service)
    with pytest.raises(RegistryMissingError):
        store.registry()
    model_container.registry(["v1"], champion="v1")
    found = store.registry()
    assert found is not None
    assert found.content == model_container.get("registry.json")
    assert store.registry(found.etag) is None
    model_container.registry(["v1", "v2"], champion="v2")
    changed = store.registry(found.etag)
    assert changed is not None
    assert changed.etag != found.etag


def test_only_what_serving_needs_is_fetched(
    model_container: ModelContainer, small_models: Path, tmp_path: Path
) -> None:
    model_container.upload(small_models, "v1")
    model_container.put("v1/card.md", b"card")
    folder = ModelStore(model_container.service).fetch("v1", tmp_path)
    assert folder == tmp_path / "v1"
    assert sorted(path.name for path in folder.iterdir()) == ["explainer.npz", "manifest.json", "model.onnx"]
    for path in folder.iterdir():
        assert path.read_bytes() == (small_models / "v1" / path.name).read_bytes()


def test_a_missing_file_is_named(model_container: ModelContainer, tmp_path: Path) -> None:
    model_container.put("v1/manifest.json", b"{}")
    with pytest.raises(ModelError, match=r"\bv1\b.*model\.onnx"):
        ModelStore(model_container.service).fetch("v1", tmp_path)


def test_a_blob_larger_than_any_model_is_refused(
    model_container: ModelContainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_store, "MAX_FILE_BYTES", 100)
    model_container.put("v1/model.onnx", b"x" * 101)
    with pytest.raises(ModelError, match=r"\b101\b.*\b100\b"):
        ModelStore(model_container.service).read("v1", "model.onnx")


@pytest.mark.parametrize("name", ["", ".", "..", "../v1", "v1/", "/v1", "a/b", "a\\b"])
def test_names_that_lead_elsewhere(name: str) -> None:
    with pytest.raises(ModelError, match=re.escape(repr(name))):
        checked_name(name)


def test_names_of_versions() -> None:
    assert [checked_name(name) for name in ("v1", "2026-11-21.trees", "V 2")] == [
        "v1",
        "2026-11-21.trees",
        "V 2",
    ]


def test_a_refusal_says_what_is_needed_and_no_secret(azurite: RunningAzurite) -> None:
    key = "d3Jvbmcga2V5"
    with (
        BlobServiceClient(
            f"http://127.0.0.1:{azurite.at.blob}/devstoreaccount1",
            credential={"account_name": "devstoreaccount1", "account_key": key},
        ) as service,
        pytest.raises(ModelStoreError) as caught,
    ):
        ModelStore(service).registry()
    assert "403" in caught.value.detail
    assert "Storage Blob Data Reader" in caught.value.detail
    assert key not in caught.value.detail


def test_nobody_there() -> None:
    with (
        BlobServiceClient(
            f"http://127.0.0.1:{free_ports(1)[0]}/devstoreaccount1?sv=2024-01-01&sig=secret",
            retry_policy=LinearRetry(backoff=0, random_jitter_range=0),
        ) as service,
        pytest.raises(ModelStoreError) as caught,
    ):
        ModelStore(service).registry()
    assert "secret" not in caught.value.detail
    assert caught.value.retryable
