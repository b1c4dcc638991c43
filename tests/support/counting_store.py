"""A model container that counts what is asked of it, for tests of what is served from it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient

from functions.serving.container_models import ContainerModels
from functions.storage.model_store import ModelStore, StoredRegistry
from tests.support.model_container import ModelContainer
from tests.support.waiting import wait_until


class CountingStore(ModelStore):
    """The real store, counting what is asked of it; can be made slow or broken."""

    def __init__(self, service: BlobServiceClient) -> None:
        super().__init__(service)
        self.looks = 0
        self.unchanged = 0
        self.fetched: list[str] = []
        self.gate = threading.Event()
        self.gate.set()
        self.disk_full = False

    def registry(self, unless: str | None = None) -> StoredRegistry | None:
        self.looks += 1
        self.gate.wait(20)
        found = super().registry(unless)
        self.unchanged += found is None
        return found

    def fetch(self, version: str, models: Path) -> Path:
        self.fetched.append(version)
        if self.disk_full:
            raise OSError(28, "No space left on device")
        return super().fetch(version, models)


@pytest.fixture
def store(model_container: ModelContainer) -> CountingStore:
    return CountingStore(model_container.service)


@pytest.fixture
def v1_answers(model_container: ModelContainer, small_models: Path) -> ModelContainer:
    """v1 and v2 in the container, v1 the champion."""
    model_container.upload(small_models, "v1", "v2")
    model_container.registry(["v1", "v2"], champion="v1")
    return model_container


def looked(models: ContainerModels) -> str:
    """Let it look at the registry now and wait until it has; return the version that answers."""
    models._due = 0.0
    models.current()
    wait_until(lambda: not models._refreshing.locked(), what="the refresh")
    return models.current().scorer.model.version
