from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient, LinearRetry

from functions.errors import ModelError
from functions.scoring.model.manifest import Registry
from functions.storage.errors import ModelStoreError, RegistryMissingError
from tests.support.model_container import ModelContainer
from tests.support.running_app import free_ports
from training.versions import container_registry
from training.versions.aliases import RegistryMovedError, point, promote
from training.versions.container_registry import ContainerRegistry
from training.versions.folder_registry import VersionExistsError


@pytest.fixture
def location(model_container: ModelContainer) -> ContainerRegistry:
    return ContainerRegistry(model_container.service)


@pytest.fixture
def both(model_container: ModelContainer, small_models: Path) -> ModelContainer:
    """v1 and v2 in the container, v2 the champion."""
    model_container.upload(small_models, "v1", "v2")
    model_container.registry(["v1", "v2"], champion="v2", previous="v1")
    return model_container


def test_what_is_read(both: ModelContainer, location: ContainerRegistry, small_models: Path) -> None:
    assert location.registry() == Registry(["v1", "v2"], {"champion": "v2", "previous": "v1"})
    assert location.manifest("v1").version == "v1"
    assert location.file("v1", "model.onnx") == (small_models / "v1" / "model.onnx").read_bytes()


@pytest.mark.parametrize("fault", ["digest", "golden", "missing", "manifest"])
def test_what_cannot_be_served_is_not_promoted(
    both: ModelContainer, location: ContainerRegistry, small_models: Path, fault: str
) -> None:
    both.upload_broken(small_models, "v2", "v3", fault)
    both.registry(["v1", "v2", "v3"], champion="v2")
    before = both.get("registry.json")
    with pytest.raises(ModelError):
        promote(location, "v3")
    assert both.get("registry.json") == before


def test_files_that_serving_does_not_read_have_to_be_right_too(
    both: ModelContainer, location: ContainerRegistry, small_models: Path
) -> None:
    manifest = json.loads((small_models / "v1" / "manifest.json").read_bytes())
    manifest["files"]["card.md"] = "0" * 64
    both.put("v1/manifest.json", json.dumps(manifest).encode())
    with pytest.raises(ModelError, match=r"\bv1\b.* card\.md"):
        location.verify("v1")
    both.put("v1/card.md", b"# another")
    with pytest.raises(ModelError, match=r"^card\.md .*\bv1\b.*sha256"):
        location.verify("v1")


def test_a_file_is_written_once(model_container: ModelContainer, location: ContainerRegistry) -> None:
    assert location.upload("v1", "figures/roc.png", b"picture")
    assert not location.upload("v1", "figures/roc.png", b"picture")
    with pytest.raises(VersionExistsError, match=r"v1/figures/roc\.png"):
        location.upload("v1", "figures/roc.png", b"another")
    assert model_container.get("v1/figures/roc.png") == b"picture"


def test_no_registry(model_container: ModelContainer, location: ContainerRegistry) -> None:
    with pytest.raises(RegistryMissingError):
        location.change(lambda found: found)
    with pytest.raises(RegistryMissingError):
        promote(location, "v1")
    location.change(lambda found: point(found, "v1", "one", None), create=True)
    assert location.registry() == Registry(["v1"], {}, {"v1": "one"})


def test_a_lost_race_is_run_again_on_what_the_winner_wrote(
    both: ModelContainer, location: ContainerRegistry
) -> None:
    seen: list[Registry] = []

    def transition(found: Registry) -> Registry:
        seen.append(found)
        if len(seen) == 1:
            both.registry(["v1", "v2", "v4"], champion="v4")
        return point(found, "v1", "one", "champion")

    location.change(transition)
    assert [found.aliases["champion"] for found in seen] == ["v2", "v4"]
    after = {"champion": "v1", "previous": "v4"}
    assert location.registry() == Registry(["v1", "v2", "v4"], after, {"v1": "one"})


def test_a_race_that_is_never_won_ends(both: ModelContainer, location: ContainerRegistry) -> None:
    times = 0

    def transition(found: Registry) -> Registry:
        nonlocal times
        times += 1
        both.registry(["v1", "v2"], champion="v2")
        return point(found, "v1", "one", "champion")

    with pytest.raises(RegistryMovedError, match=r"\b6\b"):
        location.change(transition)
    assert times == container_registry.ATTEMPTS
    assert both.aliases() == {"champion": "v2"}


def test_nothing_is_lost_when_many_write_at_once(
    model_container: ModelContainer, location: ContainerRegistry
) -> None:
    names = [f"v{number}" for number in range(1, 5)]

    def add(name: str) -> None:
        location.change(lambda found: point(found, name, f"of {name}", f"{name}-too"), create=True)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(add, names))
    assert sorted(location.registry().versions) == names
    assert location.registry().aliases == {f"{name}-too": name for name in names}


def test_an_unchanged_registry_is_not_written(both: ModelContainer, location: ContainerRegistry) -> None:
    blob = both.service.get_blob_client("models", "registry.json")
    promote(location, "v2")  # records the digest
    before = blob.get_blob_properties().etag
    promote(location, "v2")
    assert blob.get_blob_properties().etag == before


def test_nobody_there() -> None:
    with BlobServiceClient(
        f"http://127.0.0.1:{free_ports(1)[0]}/devstoreaccount1?sig=secret",
        retry_policy=LinearRetry(backoff=0, random_jitter_range=0),
    ) as service:
        location = ContainerRegistry(service)
        for act in (location.prepare, location.registry, lambda: location.upload("v1", "model.onnx", b"x")):
            with pytest.raises(ModelStoreError) as caught:
                act()
            assert "secret" not in caught.value.detail
