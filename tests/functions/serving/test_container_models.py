"""Models out of the container: loaded, swapped in, and left alone when they cannot be served."""

from __future__ import annotations

import json
import logging
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import azure.functions as func
import numpy as np
import pytest
from azure.storage.blob import BlobServiceClient, LinearRetry

from functions.errors import ModelError
from functions.http import responses
from functions.http.request import Request
from functions.scoring.model.onnx_model import Model
from functions.serving.container_models import FOLDER_PREFIX, ContainerModels
from functions.storage.errors import ModelStoreError, RegistryMissingError
from functions.storage.model_store import ModelStore
from tests.support.counting_store import CountingStore, looked
from tests.support.model_container import ModelContainer
from tests.support.running_app import RunningAzurite
from tests.support.waiting import wait_until


def test_the_model_is_that_of_the_folder_and_nothing_stays_on_disk(
    v1_answers: ModelContainer, store: CountingStore, small_models: Path
) -> None:
    served = ContainerModels(store, "champion", 60).current()
    features = np.random.default_rng(1).poisson(1.0, (50, 16)).astype(np.float32)
    expected = Model.load(small_models, "v1").predict(features)
    assert np.array_equal(served.scorer.model.predict(features), expected)
    assert served.aliases == {"champion": "v1"}
    assert served.challenger() is None
    assert not served.scorer.model.folder.exists()
    assert served.scorer.explainer.contributions(features).shape[0] == 50


def test_an_unchanged_registry_costs_one_look_an_interval(
    v1_answers: ModelContainer, store: CountingStore
) -> None:
    models = ContainerModels(store, "champion", 60)
    for _ in range(100):
        models.current()
    assert store.looks == 1
    looked(models)
    assert (store.looks, store.unchanged) == (2, 1)
    assert store.fetched == ["v1"]


def test_promoted_and_rolled_back(
    v1_answers: ModelContainer, store: CountingStore, caplog: pytest.LogCaptureFixture
) -> None:
    models = ContainerModels(store, "champion", 60)
    first = models.current()
    v1_answers.registry(["v1", "v2"], champion="v2", previous="v1")
    with caplog.at_level(logging.INFO):
        assert looked(models) == "v2"
    assert "v2" in caplog.text
    assert models.current().aliases == {"champion": "v2", "previous": "v1"}
    # Whoever took the first still has all of it.
    assert first.scorer.model.version == "v1"
    v1_answers.registry(["v1", "v2"], champion="v1", previous="v2")
    assert looked(models) == "v1"


def test_a_file_waits_for_what_was_promoted_while_the_process_was_idle(
    v1_answers: ModelContainer, store: CountingStore
) -> None:
    models = ContainerModels(store, "champion", 60)
    models.current()
    v1_answers.registry(["v1", "v2"], champion="v2")
    assert models.current(newest=True).scorer.model.version == "v1"  # no look is due
    models._due = 0.0
    assert models.current(newest=True).scorer.model.version == "v2"
    assert store.looks == 2


def test_a_file_waits_for_a_look_that_is_in_progress(
    v1_answers: ModelContainer, store: CountingStore
) -> None:
    models = ContainerModels(store, "champion", 60)
    models.current()
    v1_answers.registry(["v1", "v2"], champion="v2")
    store.gate.clear()
    models._due = 0.0
    assert models.current().scorer.model.version == "v1"  # starts the look
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(models.current, newest=True)
        store.gate.set()
        assert waiting.result(20).scorer.model.version == "v2"
    assert store.looks == 2


def test_a_file_is_scored_although_the_registry_cannot_be_read(
    v1_answers: ModelContainer, store: CountingStore, caplog: pytest.LogCaptureFixture
) -> None:
    models = ContainerModels(store, "champion", 60)
    models.current()
    v1_answers.put("registry.json", b"{")
    models._due = 0.0
    assert models.current(newest=True).scorer.model.version == "v1"
    assert "registry.json" in caplog.text


def test_a_registry_without_digests_is_served_with_a_warning(
    v1_answers: ModelContainer, store: CountingStore, caplog: pytest.LogCaptureFixture
) -> None:
    models = ContainerModels(store, "champion", 60)
    models.current()
    models.current()
    warned = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warned) == 1
    assert "v1" in warned[0]


def test_a_manifest_that_is_not_the_registered_one_never_answers(
    v1_answers: ModelContainer, store: CountingStore
) -> None:
    registry = {"versions": ["v1"], "aliases": {"champion": "v1"}, "manifests": {"v1": "0" * 64}}
    v1_answers.put("registry.json", json.dumps(registry).encode())
    with pytest.raises(ModelError, match=r"manifest\.json .*sha256"):
        ContainerModels(store, "champion", 60).current()


def test_a_version_named_by_the_setting_stays(v1_answers: ModelContainer, store: CountingStore) -> None:
    models = ContainerModels(store, "v1", 60)
    before = models.current().scorer
    v1_answers.registry(["v1", "v2"], champion="v2")
    assert looked(models) == "v1"
    assert models.current().scorer is before
    assert models.current().aliases == {"champion": "v2"}
    assert store.fetched == ["v1"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("digest", "sha256"),
        ("golden", "golden rows"),
        ("missing", "explainer.npz"),
        ("manifest", "manifest.json"),
    ],
)
def test_a_broken_version_never_answers(
    v1_answers: ModelContainer,
    store: CountingStore,
    small_models: Path,
    caplog: pytest.LogCaptureFixture,
    fault: str,
    said: str,
) -> None:
    models = ContainerModels(store, "champion", 60)
    before = models.current().scorer
    v1_answers.upload_broken(small_models, "v2", "v3", fault)
    v1_answers.registry(["v1", "v2", "v3"], champion="v3")
    for _ in range(3):
        assert looked(models) == "v1"
    assert models.current().scorer is before
    assert models.current().aliases == {"champion": "v1"}
    errors = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(errors) == 1
    assert said in errors[0]
    assert " v1 " in errors[0]
    assert store.fetched == ["v1", "v3"]
    # A registry that names a sound one is followed again.
    v1_answers.registry(["v1", "v2", "v3"], champion="v2")
    assert looked(models) == "v2"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "registry.json"),
        (b"{", "registry.json"),
        (b'{"versions": ["v1"], "aliases": []}', "registry.json"),
        (b"\xff\xfe", "registry.json"),
        (b'{"versions": ["v1"], "aliases": {}}', "'champion'"),
        (b'{"versions": ["v1"], "aliases": {"champion": "v9"}}', "'champion'"),
        (b'{"versions": ["../v1"], "aliases": {"champion": "../v1"}}', "'../v1'"),
        (b'{"versions": [""], "aliases": {"champion": ""}}', "''"),
        (None, "registry.json"),
    ],
)
def test_a_broken_registry_changes_nothing(
    v1_answers: ModelContainer,
    store: CountingStore,
    caplog: pytest.LogCaptureFixture,
    content: bytes | None,
    said: str,
) -> None:
    models = ContainerModels(store, "champion", 60)
    models.current()
    if content is None:
        v1_answers.delete("registry.json")
    else:
        v1_answers.put("registry.json", content)
    for _ in range(3):
        assert looked(models) == "v1"
    errors = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(errors) == 1
    assert said in errors[0]
    v1_answers.registry(["v1", "v2"], champion="v2")
    assert looked(models) == "v2"


def test_a_failure_of_the_first_load_is_not_remembered(
    model_container: ModelContainer, store: CountingStore, small_models: Path
) -> None:
    models = ContainerModels(store, "champion", 60)
    with pytest.raises(RegistryMissingError):
        models.current()
    model_container.registry(["v1"], champion="v1")
    with pytest.raises(ModelError, match=r"\bv1\b.*manifest\.json") as caught:
        models.current()
    assert caught.value.status == 503
    with pytest.raises(ModelError, match=r"\bv1\b.*manifest\.json"):
        models.current()
    model_container.upload(small_models, "v1")
    assert models.current().scorer.model.version == "v1"


def test_a_version_that_changed_under_its_name_is_refused(
    v1_answers: ModelContainer,
    store: CountingStore,
    small_models: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    models = ContainerModels(store, "champion", 60)
    models.current()
    v1_answers.registry(["v1", "v2"], champion="v2")
    assert looked(models) == "v2"
    manifest = json.loads((small_models / "v1" / "manifest.json").read_bytes())
    v1_answers.put("v1/manifest.json", json.dumps(manifest | {"algorithm": "another"}).encode())
    v1_answers.registry(["v1", "v2"], champion="v1")
    assert looked(models) == "v2"
    assert "v1" in caplog.text


def test_a_full_disk_is_tried_again_with_the_same_registry(
    v1_answers: ModelContainer, store: CountingStore, caplog: pytest.LogCaptureFixture
) -> None:
    models = ContainerModels(store, "champion", 60)
    models.current()
    v1_answers.registry(["v1", "v2"], champion="v2")
    store.disk_full = True
    for _ in range(3):
        assert looked(models) == "v1"
    assert caplog.text.count("No space left on device") == 1
    store.disk_full = False
    assert looked(models) == "v2"


def test_calls_are_answered_while_the_account_keeps_one_waiting(
    v1_answers: ModelContainer, store: CountingStore
) -> None:
    models = ContainerModels(store, "champion", 0.0)
    models.current()
    store.gate.clear()
    before = store.looks
    started = time.monotonic()
    for _ in range(2000):
        assert models.current().scorer.model.version == "v1"
        assert time.monotonic() - started < 5
    assert store.looks == before + 1  # one look at a time, however long it takes
    store.gate.set()
    wait_until(lambda: not models._refreshing.locked())


@pytest.mark.slow
def test_an_account_that_is_gone_for_a_while(
    tmp_path: Path, small_models: Path, caplog: pytest.LogCaptureFixture
) -> None:
    azurite = RunningAzurite(tmp_path / "azurite")
    try:
        with BlobServiceClient.from_connection_string(
            azurite.connection_string, retry_policy=LinearRetry(backoff=0, random_jitter_range=0)
        ) as service:
            container = ModelContainer(service)
            container.upload(small_models, "v1", "v2")
            container.registry(["v1", "v2"], champion="v1")
            models = ContainerModels(ModelStore(service), "champion", 60)
            models.current()
            azurite.stop()
            assert looked(models) == "v1"
            assert looked(models) == "v1"
            assert caplog.text.count("the account does not answer") == 1
            with pytest.raises(ModelStoreError) as caught:
                ContainerModels(ModelStore(service), "champion", 60).current()
            assert caught.value.status == 503
            assert caught.value.retryable
            azurite.start()
            container.registry(["v1", "v2"], champion="v2")
            assert looked(models) == "v2"
    finally:
        azurite.stop()


def test_many_first_calls_load_once(v1_answers: ModelContainer, store: CountingStore) -> None:
    models = ContainerModels(store, "champion", 60)
    store.gate.clear()
    with ThreadPoolExecutor(16) as threads:
        calls = [threads.submit(models.current) for _ in range(16)]
        wait_until(lambda: store.looks == 1)
        store.gate.set()
        assert {id(call.result()) for call in calls} == {id(models.current())}
    assert (store.looks, store.fetched) == (1, ["v1"])


def test_first_calls_that_waited_share_the_failure(
    model_container: ModelContainer, store: CountingStore
) -> None:
    models = ContainerModels(store, "champion", 60)
    store.gate.clear()
    entered: list[int] = []

    def call() -> None:
        entered.append(1)
        models.current()

    with ThreadPoolExecutor(16) as threads:
        calls = [threads.submit(call) for _ in range(16)]
        wait_until(lambda: len(entered) == 16)
        time.sleep(0.1)
        store.gate.set()
        for each in calls:
            with pytest.raises(RegistryMissingError):
                each.result()
    assert store.looks < 16


def test_work_begun_with_a_version_ends_with_it(v1_answers: ModelContainer, store: CountingStore) -> None:
    models = ContainerModels(store, "champion", 60)
    models.current()
    v1_answers.registry(["v1", "v2"], champion="v2")
    assert looked(models) == "v2"
    begun = models.current().of_version("v1")
    assert begun.model.version == "v1"
    assert models.current().of_version("v1") is begun
    with pytest.raises(ModelError, match=r"\bv9\b.*manifest\.json"):
        models.current().of_version("v9")
    assert models.current().of_version("v1") is begun


def test_what_a_caller_is_told_while_there_is_no_model_yet(
    v1_answers: ModelContainer, store: CountingStore
) -> None:
    store.disk_full = True
    models = ContainerModels(store, "champion", 60)

    @responses.answering
    def handler(request: Request) -> func.HttpResponse:
        return responses.json_answer(models.current().scorer.model.version)

    answer = handler(func.HttpRequest("GET", "/api/health", body=b""))
    assert answer.status_code == 503
    assert json.loads(answer.get_body())["code"] == "model_store_unreachable"
    assert int(answer.headers["retry-after"]) > 0
    store.disk_full = False
    assert handler(func.HttpRequest("GET", "/api/health", body=b"")).get_body() == b'"v1"'


def test_folders_that_killed_processes_left_are_removed(
    v1_answers: ModelContainer, store: CountingStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    old, young = tmp_path / f"{FOLDER_PREFIX}old", tmp_path / f"{FOLDER_PREFIX}young"
    for folder in (old, young):
        (folder / "v1").mkdir(parents=True)
        (folder / "v1" / "model.onnx").write_bytes(b"half a")
    os.utime(old, (time.time() - 7200,) * 2)
    ContainerModels(store, "champion", 60).current()
    assert list(tmp_path.iterdir()) == [young]
