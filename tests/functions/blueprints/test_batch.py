"""Telemetry dropped into the container, and what the running app makes of it."""

import base64
import gzip
import json
import logging
import shutil
from pathlib import Path

import pytest

from functions.blueprints import batch
from functions.scoring.model.onnx_model import Model
from functions.scoring.model.scorer import Scorer
from functions.serving import models as serving
from tests.conftest import RunApp
from tests.functions.conftest import HOST_ID, Fleet
from tests.support.drives import HEADER, WORN, read_csv, row, table
from tests.support.running_app import PROJECT, RunningApp, RunningAzurite
from tests.support.waiting import wait_until

ROWS = [row("A"), row("B", **WORN), "oops", row("C", date="2014-02-30")]


def test_a_csv(fleet: Fleet) -> None:
    etag = fleet.drop("day.csv", table(ROWS))
    told = fleet.summary("day", etag)
    assert told["status"] == "scored"
    assert told["lines"] == {"data": 4, "accepted": 2, "rejected": 2}
    assert told["source"] == {"name": f"{fleet.folder}/day.csv", "etag": etag, "bytes": len(table(ROWS))}
    assert fleet.outputs() == ["day.csv", "day.rejects.csv", "day.report.html", "day.summary.json"]
    scored = read_csv(fleet.output("day.csv"))
    assert [(line["line"], line["serial_number"], line["risk"]) for line in scored] == [
        ("2", "A", "low"),
        ("3", "B", "critical"),
    ]
    assert scored[1]["reason_1"] == "Uncorrectable errors reported to the host at 30"
    rejects = read_csv(fleet.output("day.rejects.csv"))
    assert [(line["line"], line["code"]) for line in rejects] == [
        ("4", "wrong_column_count"),
        ("5", "bad_date"),
    ]
    for name in fleet.outputs():
        metadata = fleet.metadata(name)
        assert etag.strip('"') in str(metadata)
        assert "v2" in metadata.values()


def test_gzip_in_a_nested_path(fleet: Fleet) -> None:
    etag = fleet.drop("site 1/ü/day.csv.gz", gzip.compress(table(ROWS)))
    assert fleet.summary("site 1/ü/day", etag)["lines"]["accepted"] == 2
    assert "site 1/ü/day.csv" in fleet.outputs()


def failed(fleet: Fleet, name: str, data: bytes) -> str:
    """Drop a file that fails as a whole; return what is said about it."""
    told = fleet.summary(name, fleet.drop(f"{name}.csv", data))
    assert told["status"] == "failed"
    assert told["error"]["code"] == "bad_file"
    assert told["lines"]["accepted"] == 0
    assert [output for output in fleet.outputs() if output.startswith(name)] == [f"{name}.summary.json"]
    return str(told["error"]["detail"])


def test_a_failed_upload_takes_older_predictions_away(fleet: Fleet) -> None:
    fleet.summary("day", fleet.drop("day.csv", table([row("A")])))
    assert failed(fleet, "day", b"x")


def test_other_files_are_left_alone(fleet: Fleet, app: RunningApp) -> None:
    fleet.drop("notes.txt", b"hello")
    app.wait_for(f"{fleet.folder}/notes.txt is left alone")
    fleet.summary("day", fleet.drop("day.csv", table([row()])))
    assert fleet.outputs() == ["day.csv", "day.rejects.csv", "day.report.html", "day.summary.json"]


def test_the_same_upload_delivered_again(fleet: Fleet, app: RunningApp, azurite: RunningAzurite) -> None:
    etag = fleet.drop("day.csv", table(ROWS))
    fleet.summary("day", etag)
    before = {name: (fleet.output(name), fleet.metadata(name)) for name in fleet.outputs()}
    deliver_again(azurite, f"{fleet.folder}/day.csv", etag)
    app.wait_for(f"{fleet.folder}/day.csv: .* has been scored by v2 already")
    assert {name: (fleet.output(name), fleet.metadata(name)) for name in fleet.outputs()} == before


def test_a_failed_upload_delivered_again(fleet: Fleet, app: RunningApp, azurite: RunningAzurite) -> None:
    told = fleet.summary("day", fleet.drop("day.csv", HEADER.encode() + b"\nx\n"))
    again = f"{fleet.folder}/day.csv: {told['source']['etag']} failed: 1 of 1 lines"
    deliver_again(azurite, f"{fleet.folder}/day.csv", told["source"]["etag"])
    wait_until(lambda: app.output.count(again) == 2, what="the second run")
    assert fleet.summary("day", told["source"]["etag"]) == told
    assert fleet.outputs() == ["day.summary.json"]


def test_a_file_deleted_when_its_turn_comes(
    fleet: Fleet,
    azurite: RunningAzurite,
    small_models: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Called directly: devhost looks before it calls, so the file would have to go in that very moment."""
    monkeypatch.setenv(batch.CONNECTION, azurite.connection_string)
    monkeypatch.setattr(serving, "scorer", lambda: Scorer(Model.load(small_models)))
    score_telemetry = batch.score_telemetry._function.get_user_function()
    with caplog.at_level(logging.INFO):
        score_telemetry(azurite.blobs.get_blob_client("telemetry", f"{fleet.folder}/gone.csv"), None)
    assert "stopped: " in caplog.text
    assert f"{fleet.folder}/gone.csv" in caplog.text
    assert fleet.outputs() == []


def test_history_is_written_and_joined(fleet: Fleet, azurite: RunningAzurite) -> None:
    # Years of its own, as history is shared by all files.
    fleet.summary("week", fleet.drop("week.csv", table([row("H", "2031-01-18", smart_187_raw=2)])))
    told = fleet.summary("day", fleet.drop("day.csv", table([row("H", "2031-01-25", **WORN)])))
    assert told["history"] == {
        "rows_with_history": 1,
        "days_joined": ["2031-01-18"],
        "snapshots_written": [f"2031-01-25/{fleet.folder}/day"],
    }
    (line,) = read_csv(fleet.output("day.csv"))
    assert line["history_days"] == "7"
    names = azurite.blobs.get_container_client("history").list_blob_names(name_starts_with="2031-")
    assert sorted(names) == [f"2031-01-18/{fleet.folder}/week.arrow", f"2031-01-25/{fleet.folder}/day.arrow"]


def test_a_challenger_in_the_shadow(
    fleet: Fleet, run_app: RunApp, small_models: Path, tmp_path: Path
) -> None:
    """On a storage account of its own, as another app would score the same file."""
    models = shutil.copytree(small_models, tmp_path / "models")
    registry = json.loads((models / "registry.json").read_bytes())
    registry["aliases"]["challenger"] = "v1"
    (models / "registry.json").write_text(json.dumps(registry))
    # Rows on which the two disagree, so that an answer of the wrong model would show.
    data = table([*ROWS, *(row(f"D{n}", smart_5_raw=n, smart_198_raw=2 * n) for n in range(60))])
    alone = fleet.summary("day", fleet.drop("day.csv", data))
    azurite = RunningAzurite(tmp_path / "azurite")
    try:
        containers = ("telemetry", "predictions")
        for name in containers:
            azurite.blobs.create_container(name)
        other = Fleet(azurite.blobs)
        other.folder = fleet.folder
        settings = {"MODELS_FOLDER": str(models), "AzureFunctionsWebHost__hostid": "functions-tests-shadow"}
        connection = azurite.connection_string
        with run_app(PROJECT, connection_string=connection, settings=settings) as running:
            both = other.summary("day", other.drop("day.csv", data))
            running.wait_for("62 scored, 2 rejected")
        shadow = both.pop("challenger")
        assert both.pop("source")["name"] == alone.pop("source")["name"]
        assert both == alone
        for name in ("day.csv", "day.rejects.csv"):
            assert other.output(name) == fleet.output(name)
    finally:
        azurite.stop()
    assert (shadow["version"], shadow["status"], shadow["rows"]) == ("v1", "compared", 62)
    assert sum(shadow["alarms"][side] for side in ("champion_only", "challenger_only")) > 0
    assert shadow["drives"]
    assert shadow["rank_correlation"] is not None


def deliver_again(azurite: RunningAzurite, name: str, etag: str) -> None:
    """Put the host's own message on its queue again, as if it had been killed before deleting it."""
    message = {
        "Type": "BlobTrigger",
        "FunctionId": "Host.Functions.score_telemetry",
        "BlobType": "BlockBlob",
        "ContainerName": "telemetry",
        "BlobName": name,
        "ETag": etag,
    }
    queue = azurite.queues.get_queue_client(f"webjobs-blobtrigger-{HOST_ID}")
    queue.send_message(base64.b64encode(json.dumps(message).encode()).decode())
