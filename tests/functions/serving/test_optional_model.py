"""The challenger and the baseline: loaded beside the model that answers, when they are asked for."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from functions.serving.container_models import ContainerModels
from functions.serving.served_models import BASELINE_PAUSE
from tests.support.counting_store import CountingStore, looked
from tests.support.model_container import ModelContainer


def challengers(container: ModelContainer) -> Callable[..., None]:
    return lambda **aliases: container.registry(["v1", "v2", "v3"], **aliases)


def test_the_challenger(v1_answers: ModelContainer, store: CountingStore) -> None:
    write = challengers(v1_answers)
    write(champion="v1", challenger="v2")
    models = ContainerModels(store, "champion", 60)
    served = models.current()
    assert store.fetched == ["v1"]  # the challenger costs nothing until it is asked for
    challenger = served.challenger()
    assert challenger is not None
    assert challenger.model.version == "v2"
    assert served.challenger() is challenger
    # Promoted, it answers from memory, and is no challenger any more.
    write(champion="v2", challenger="v2", previous="v1")
    assert looked(models) == "v2"
    assert models.current().scorer is challenger
    assert models.current().challenger() is None
    assert store.fetched == ["v1", "v2"]


def test_a_challenger_that_cannot_be_loaded_is_logged_once(
    v1_answers: ModelContainer, store: CountingStore, small_models: Path, caplog: pytest.LogCaptureFixture
) -> None:
    v1_answers.upload_broken(small_models, "v2", "v3", "golden")
    challengers(v1_answers)(champion="v1", challenger="v3")
    served = ContainerModels(store, "champion", 60).current()
    for _ in range(3):
        assert served.challenger() is None
    assert caplog.text.count("challenger v3 is not asked") == 1
    assert "golden rows" in caplog.text
    assert store.fetched == ["v1", "v3"]


def test_a_challenger_is_tried_again_when_the_fault_may_pass(
    v1_answers: ModelContainer, store: CountingStore
) -> None:
    challengers(v1_answers)(champion="v1", challenger="v2")
    served = ContainerModels(store, "champion", 60).current()
    store.disk_full = True
    assert served.challenger() is None
    store.disk_full = False
    found: Any = served.challenger()
    assert found.model.version == "v2"


def test_the_baseline_is_the_containers(v1_answers: ModelContainer, store: CountingStore) -> None:
    write = challengers(v1_answers)
    write(champion="v2", previous="v1")
    models = ContainerModels(store, "champion", 60)
    served = models.current()
    assert store.fetched == ["v2"]  # the baseline costs nothing until a drive is explained
    found: Any = served.baseline()
    assert (found.model.version, store.fetched) == ("v1", ["v2", "v1"])
    assert found.explainer.contributions(np.zeros((1, 16), dtype=np.float32)).shape[0] == 1
    # Of a newer registry it is taken over, unless another one is named.
    write(champion="v2", challenger="v1")
    looked(models)
    assert models.current() is not served
    assert models.current().baseline() is found
    write(champion="v1", baseline="v2")
    assert looked(models) == "v1"
    assert models.current().baseline() is served.scorer
    assert store.fetched == ["v2", "v1"]


def test_a_baseline_that_cannot_be_fetched_keeps_nobody_waiting_twice(
    v1_answers: ModelContainer, store: CountingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    challengers(v1_answers)(champion="v1", baseline="v2")
    served = ContainerModels(store, "champion", 60).current()
    store.disk_full = True
    assert served.baseline() is None
    store.disk_full = False
    assert served.baseline() is None
    assert store.fetched == ["v1", "v2"]
    clock = time.monotonic() + BASELINE_PAUSE
    monkeypatch.setattr("functions.serving.optional_model.time.monotonic", lambda: clock)
    found: Any = served.baseline()
    assert found.model.version == "v2"
