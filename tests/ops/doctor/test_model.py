from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import msgspec
import pytest

from ops.app.target import KEY_VARIABLE, Target
from ops.doctor.model import check_model, judge
from ops.errors import OpsError
from tests.ops.app.answering_app import answering
from tests.support.running_app import PROJECT, RunningAzurite

ONNX, EXPLAINER = b"onnx", b"npz"
DIGESTS = {
    "model.onnx": hashlib.sha256(ONNX).hexdigest(),
    "explainer.npz": hashlib.sha256(EXPLAINER).hexdigest(),
}


def files(**changes: bytes | None) -> dict[str, bytes]:
    registry = {"versions": ["v1", "v2"], "aliases": {"champion": "v2"}}
    found: dict[str, bytes | None] = {
        "registry.json": json.dumps(registry).encode(),
        "v2/manifest.json": json.dumps({"files": {**DIGESTS, "card.md": "0"}}).encode(),
        "v2/model.onnx": ONNX,
        "v2/explainer.npz": EXPLAINER,
        **{name.replace("__", "/").replace("_", "."): content for name, content in changes.items()},
    }
    return {name: content for name, content in found.items() if content is not None}


def look(said: dict[str, Any], name: str = "champion", **changes: bytes | None) -> tuple[str, str]:
    there = files(**changes)

    def read(path: str) -> bytes:
        if path not in there:
            raise FileNotFoundError(2, "No such file or directory", path)
        return there[path]

    found = judge(said, name, "models", read)
    return found.state, found.message


SAID = {"version": "v2", "files": DIGESTS}


def test_the_alias_and_the_digests_hold() -> None:
    state, told = look(SAID)
    assert state == "ok"
    assert re.match(r"champion .*\bv2; 2 ", told)
    assert look(SAID, "v2")[0] == "ok"


def test_another_version_answers() -> None:
    state, told = look({**SAID, "version": "v1"})
    assert state == "failed"
    assert re.search(r"\bv1; champion .*\bv2\b", told)


def test_damaged_and_different_files() -> None:
    state, told = look(SAID, v2__model_onnx=b"damaged")
    assert state == "failed"
    assert re.match(r"model\.onnx .*\bv2 .*\bmanifest\b", told)
    state, told = look({"version": "v2", "files": {**DIGESTS, "explainer.npz": "0"}})
    assert state == "failed"
    assert re.search(r"\bv2 .*: explainer\.npz ", told)


def test_a_manifest_that_is_not_the_registered_one() -> None:
    registry = msgspec.json.decode(files()["registry.json"]) | {"manifests": {"v2": "0"}}
    state, told = look(SAID, "champion", registry_json=msgspec.json.encode(registry))
    assert state == "failed"
    assert re.match(r"manifest\.json .*\bv2 .*\bregistry\b", told)


@pytest.mark.parametrize(
    "change", [{"registry_json": None}, {"v2__model_onnx": None}, {"registry_json": b"["}]
)
def test_unreadable_files_are_named(change: dict[str, bytes | None]) -> None:
    with pytest.raises(OpsError, match=r"(registry\.json|v2/model\.onnx)\b.*\bmodels\b"):
        look(SAID, "champion", **change)


def test_an_app_without_a_model_says_why(account: RunningAzurite) -> None:
    target = {"/api/model": (503, {"code": "model_unusable", "detail": "v2 is damaged."})}
    with answering(target) as url:
        found = check_model(Target(url, folder=PROJECT))
    assert (found.state, found.message) == ("failed", "GET /api/model answered 503: v2 is damaged.")
    with answering({"/api/model": (401, "")}) as url:
        assert KEY_VARIABLE in check_model(Target(url, folder=PROJECT)).todo


def test_models_of_the_container(account: RunningAzurite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELS_SOURCE", "container")
    container = account.blobs.get_container_client("models")
    if not container.exists():
        container.create_container()
    for name, content in files().items():
        container.upload_blob(name, content, overwrite=True)
    with answering({"/api/model": (200, SAID)}) as url:
        assert re.match(r"champion .*\bv2; 2 ", check_model(Target(url, folder=PROJECT)).message)
        container.delete_blob("registry.json")
        with pytest.raises(OpsError, match=r"registry\.json\b.*\bmodels\b"):
            check_model(Target(url, folder=PROJECT))
