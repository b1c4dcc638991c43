from __future__ import annotations

import json
from pathlib import Path

import pytest

from ops.app import storage_account
from ops.errors import OpsError
from tests.support.running_app import RunningAzurite


def test_the_environment_wins_over_local_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = tmp_path / "local.settings.json"
    monkeypatch.delenv("AzureWebJobsStorage", raising=False)
    assert storage_account.configured_connection(tmp_path) == "UseDevelopmentStorage=true"
    settings.write_text(json.dumps({"Values": {"AzureWebJobsStorage": "from the file"}}))
    assert storage_account.configured_connection(tmp_path) == "from the file"
    monkeypatch.setenv("AzureWebJobsStorage", "from the environment")
    assert storage_account.configured_connection(tmp_path) == "from the environment"


def test_broken_local_settings_are_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AzureWebJobsStorage", raising=False)
    (tmp_path / "local.settings.json").write_text("{")
    with pytest.raises(OpsError, match=r"local\.settings\.json"):
        storage_account.configured_connection(tmp_path)


def test_uploads_waits_and_downloads(tmp_path: Path, azurite: RunningAzurite) -> None:
    day = tmp_path / "2014-01-25 größte.csv"
    day.write_bytes(b"date\n" * 1000)
    account = storage_account.connect(azurite.connection_string)
    sent = []
    storage_account.upload(account, day, lambda done, _total: sent.append(done))
    etag = storage_account.upload(account, day, lambda _done, _total: None)
    blob = account.get_blob_client("telemetry", day.name)
    assert blob.download_blob().readall() == day.read_bytes()
    assert blob.get_blob_properties().etag.strip('"') == etag
    assert sent[-1] == 5000

    predictions = account.get_container_client("predictions")
    if not predictions.exists():
        predictions.create_container()
    for name in ["ops.csv", "ops.summary.json", "ops-other.csv"]:
        predictions.upload_blob(name, name.encode())
    checks: list[None] = []
    found = storage_account.wait_for(
        account,
        "ops.summary.json",
        # As if another run's summary had been there at first.
        accept=lambda content: len(checks) > 1 and content == b"ops.summary.json",
        check=lambda: checks.append(None),
        seconds=10,
    )
    assert found == b"ops.summary.json"
    out = tmp_path / "out"
    out.mkdir()
    assert storage_account.download_outputs(account, "ops", out) == [
        out / "ops.csv",
        out / "ops.summary.json",
    ]
    assert (out / "ops.csv").read_bytes() == b"ops.csv"


def test_waiting_ends(azurite: RunningAzurite) -> None:
    account = storage_account.connect(azurite.connection_string)
    with pytest.raises(OpsError, match=r"predictions/absent\.summary\.json .*\b0 s\b"):
        storage_account.wait_for(
            account, "absent.summary.json", accept=lambda _: True, check=lambda: None, seconds=0.3
        )
