import logging
import time
from pathlib import Path

import azure.functions as func
import httpx
import msgspec
import pytest

from devhost.azurite import connection_string
from functions.blueprints import operations
from functions.http import responses
from functions.http.request import Request
from functions.scoring.model.scope import SCOPES
from functions.storage import accounts
from tests.conftest import RunApp
from tests.support.running_app import PROJECT, free_ports


def test_health(http: httpx.Client) -> None:
    answer = http.get("/health")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "model_version": "v2"}


def test_model(http: httpx.Client, small_models: Path) -> None:
    document = http.get("/model").json()
    manifest = msgspec.json.decode((small_models / "v2" / "manifest.json").read_bytes())
    assert document["version"] == "v2"
    assert document["aliases"] == ["champion"]
    assert document["features"] == manifest["features"]
    assert document["thresholds"] == manifest["thresholds"]
    assert document["metrics"] == {"average_precision": 0.5}
    assert not {"golden", "histograms", "format"} & document.keys()
    assert {scope: each["quality"] for scope, each in document["scopes"].items()} == dict.fromkeys(SCOPES)


def test_ready(http: httpx.Client) -> None:
    answer = http.get("/ready")
    assert answer.status_code == 200
    document = answer.json()
    assert document["status"] == "ready"
    assert document["model"].pop("latency_ms") > 0
    assert document["storage"].pop("latency_ms") > 0
    assert document["model"] == {"ok": True, "version": "v2"}
    assert document["storage"] == {"ok": True}


def test_storage_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = free_ports(1)[0]
    monkeypatch.setenv("AzureWebJobsStorage", connection_string(nobody, nobody, nobody))
    monkeypatch.setattr(accounts, "_clients", {})
    start = time.monotonic()
    check = operations.storage_check()
    assert time.monotonic() - start < operations.STORAGE_SECONDS + 2
    assert (check.ok, check.code) == (False, "storage_error")
    assert check.detail


def test_no_model(run_app: RunApp, tmp_path: Path) -> None:
    settings = {"MODELS_FOLDER": str(tmp_path), "AzureFunctionsWebHost__hostid": "functions-tests-no-model"}
    with run_app(PROJECT, settings=settings) as running:
        for path in ("health", "model"):
            answer = httpx.get(f"{running.base_url}/api/{path}")
            assert answer.status_code == 503
            assert answer.json()["code"] == "model_unusable"
            assert "registry.json" in answer.json()["detail"]
            assert int(answer.headers["retry-after"]) > 0
        answer = httpx.get(f"{running.base_url}/api/ready")
        assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
        checks = answer.json()["checks"]
        assert (checks["model"]["ok"], checks["model"]["code"]) == (False, "model_unusable")
        assert checks["storage"]["ok"] is True
        answer = httpx.post(f"{running.base_url}/api/predict", json={})
        assert answer.status_code == 503
        assert "registry.json" in running.output


def test_a_setting_that_cannot_be_used(run_app: RunApp, small_models: Path) -> None:
    settings = {
        "MODELS_FOLDER": str(small_models),
        "MAX_DRIVES": "many",
        "AzureFunctionsWebHost__hostid": "functions-tests-bad-setting",
    }
    with run_app(PROJECT, settings=settings) as running:
        answer = httpx.get(f"{running.base_url}/api/health")
        assert (answer.status_code, answer.json()["code"]) == (500, "bad_setting")
        assert "MAX_DRIVES is 'many';" in answer.json()["detail"]


def test_storage_that_is_not_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    @responses.answering
    def handler(request: Request) -> func.HttpResponse:
        accounts.blob_service("Nowhere")
        raise AssertionError

    monkeypatch.setattr(accounts, "_clients", {})
    answer = handler(request())
    assert answer.status_code == 500
    assert msgspec.json.decode(answer.get_body())["code"] == "storage_not_configured"


def request() -> func.HttpRequest:
    return func.HttpRequest("GET", "/api/health", body=b"")


def test_what_was_not_foreseen_is_logged_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    @responses.answering
    def broken(request: Request) -> func.HttpResponse:
        raise KeyError("secret")

    with caplog.at_level(logging.ERROR):
        answer = broken(request())
    assert answer.status_code == 500
    document = msgspec.json.decode(answer.get_body())
    assert document["code"] == "internal_error"
    assert "secret" not in document["detail"]
    assert "secret" in caplog.text
    assert broken.__name__ == "broken"
