from __future__ import annotations

import json
from pathlib import Path

import pytest

from collector.drives.collection import ReadDrive
from collector.drives.scan import Device
from collector.exit_codes import REFUSED
from collector.sending import forecast_app as module
from collector.sending.delivery import Delivered, deliver
from collector.sending.forecast_app import (
    BATCH_BYTES,
    BATCH_DRIVES,
    SMARTCTL,
    forecast_app,
    parcels_of,
    risk_lines,
)
from collector.sending.parcel import BATCH, DRIVE
from collector.sending.retries import RetryBudget
from collector.sending.spool import Spool
from functions.http.body import SMARTCTL as APPS_TYPE
from functions.settings import SETTINGS
from tests.collector.recorded import output_of, recording
from tests.conftest import RunApp
from tests.support.running_app import PROJECT
from tests.support.scripted_receiver import Scripted, ScriptedReceiver


def drives(count: int, size: int = 10) -> list[ReadDrive]:
    found = []
    for number in range(count):
        row = {"date": "2026-11-30", "serial_number": f"S{number}", "model": "M"}
        found.append(
            ReadDrive(Device(f"/dev/sd{number}"), row, {"serial_number": f"S{number}", "x": "y" * size})
        )
    return found


def send(
    folder: Path, address: str, found: list[ReadDrive], send_as: str, key: str = ""
) -> tuple[Delivered, list[str]]:
    spool = Spool(folder, 10**9)
    for parcel in parcels_of(found, send_as, "h1"):
        spool.add(parcel)
    said: list[str] = []
    return deliver(spool, forecast_app(address, key, said.append), RetryBudget(1, 60), 60), said


def test_the_media_type_is_the_apps() -> None:
    assert SMARTCTL == APPS_TYPE


def test_limits_are_below_the_apps() -> None:
    defaults = {
        setting.name: int(setting.default) for setting in SETTINGS if setting.name.startswith("MAX_BATCH")
    }
    assert defaults["MAX_BATCH_BODY_BYTES"] > BATCH_BYTES
    assert next(int(setting.default) for setting in SETTINGS if setting.name == "MAX_DRIVES") >= BATCH_DRIVES


@pytest.mark.parametrize("address", ["", "/", "/api", "/api/"])
def test_each_drive_by_itself(receiver: ScriptedReceiver, tmp_path: Path, address: str) -> None:
    done, said = send(tmp_path, receiver.url + address, drives(2), "each", "KEY")
    assert (done.taken, done.codes, said) == (2, set(), [])
    for request, drive in zip(receiver.received, drives(2), strict=True):
        assert (request.method, request.path) == ("POST", "/api/predict")
        assert request.headers["content-type"] == SMARTCTL
        assert request.headers["x-functions-key"] == "KEY"
        assert json.loads(request.body) == drive.document


def test_without_a_key_there_is_no_header(receiver: ScriptedReceiver, tmp_path: Path) -> None:
    send(tmp_path, receiver.url, drives(1), "each")
    assert "x-functions-key" not in receiver.received[0].headers


def test_a_batch(receiver: ScriptedReceiver, tmp_path: Path) -> None:
    assert send(tmp_path, receiver.url, drives(3), "batch")[0].taken == 1
    [request] = receiver.received
    assert (request.path, request.headers["content-type"]) == ("/api/predict/batch", "application/json")
    assert json.loads(request.body) == [drive.document for drive in drives(3)]


def test_batches_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH_DRIVES", 4)
    monkeypatch.setattr(module, "BATCH_BYTES", 500)
    many = drives(10) + drives(3, size=200) + drives(1, size=2000)
    parcels = parcels_of(many, "batch", "h1")
    bodies = [json.loads(parcel.body) for parcel in parcels]
    assert [drive for body in bodies for drive in body] == [drive.document for drive in many]
    assert all(len(body) <= 4 for body in bodies)
    assert all(
        len(parcel.body) <= 502 or len(body) == 1 for parcel, body in zip(parcels, bodies, strict=True)
    )
    assert len({parcel.key for parcel in parcels}) == len(parcels)
    assert {parcel.kind for parcel in parcels} == {BATCH}
    assert {parcel.kind for parcel in parcels_of(many, "each", "h1")} == {DRIVE}


def test_lines_for_drives_at_risk() -> None:
    forecast = {"model": "M", "serial_number": "S", "risk": "high", "probability": 0.1234, "horizon_days": 30}
    [line] = risk_lines({**forecast, "advice": "Replace it."})
    assert line == "M S: risk high, 12.3% within 30 days. Replace it."
    [line] = risk_lines({**forecast, "risk": "unknown", "probability": None, "advice": ""})
    assert line == "M S: risk unknown."
    assert risk_lines({**forecast, "risk": "low"}) == []
    results = [
        {"forecast": forecast},
        {"forecast": {**forecast, "risk": "low"}},
        {"problem": {"detail": "why"}},
        3,
    ]
    assert len(risk_lines({"results": results})) == 2


@pytest.mark.parametrize("answer", [{}, {"results": 3}, {"risk": None}])
def test_an_answer_that_is_none(answer: dict[str, object]) -> None:
    assert risk_lines(answer) == []


def test_the_apps_reason(receiver: ScriptedReceiver, tmp_path: Path) -> None:
    receiver.then = Scripted(422, b'{"code": "no_ata_attributes", "detail": "an NVMe drive"}')
    done, _ = send(tmp_path, receiver.url, drives(2), "each")
    assert (done.taken, done.codes) == (0, {REFUSED})
    assert all("an NVMe drive" in line and "was given up" in line for line in done.lines)


def test_the_app_itself(run_app: RunApp, tmp_path: Path) -> None:
    """smartctl's recorded output to the real app, each drive by itself."""
    names = ["hdd-exos-x16", "hdd-wd-red", "usb-jmicron-failing"]
    found = []
    for name in names:
        document = output_of(recording(name)).document
        row = {"model": document["model_name"], "serial_number": document["serial_number"]}
        found.append(ReadDrive(Device(name), row, document))
    with run_app(PROJECT) as running:
        done, said = send(tmp_path, running.base_url, found, "each")
        assert (done.taken, done.lines) == (3, [])
        assert all(any(drive.row["serial_number"] in line for drive in found) for line in said)
        assert send(tmp_path, running.base_url + "/nowhere", found, "each")[0].codes == {REFUSED}
