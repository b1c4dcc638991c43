from __future__ import annotations

import json
import threading

import pytest

from ops.errors import OpsError
from ops.smoke import recorded
from ops.smoke.recorded import RECORDED, of_version
from ops.smoke.round_trip import round_trip
from ops.smoke.step import Clock
from tests.support.running_app import RunningAzurite
from tests.support.waiting import wait_until


def publish(account: RunningAzurite, status: str, scored: bytes, rejected: int = 0) -> threading.Thread:
    """Do what the app would with the next smoke file: a stand-in, for outputs that no healthy app writes."""
    blobs = account.blobs
    telemetry = blobs.get_container_client("telemetry")
    for name in list(telemetry.list_blob_names(name_starts_with="smoke/")):
        telemetry.delete_blob(name)

    def work() -> None:
        (name,) = wait_until(lambda: list(telemetry.list_blob_names(name_starts_with="smoke/")))
        etag = telemetry.get_blob_client(name).get_blob_properties().etag
        stem = name.removesuffix(".csv")
        lines = {"data": 3, "accepted": 3 - rejected, "rejected": rejected}
        error = (
            {"code": "bad_file", "title": "Unreadable", "detail": "It is."} if status == "failed" else None
        )
        summary = {"status": status, "source": {"name": name, "etag": etag}, "lines": lines, "error": error}
        blobs.get_blob_client("predictions", f"{stem}.csv").upload_blob(scored)
        blobs.get_blob_client("predictions", f"{stem}.summary.json").upload_blob(json.dumps(summary))

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def names(account: RunningAzurite) -> list[str]:
    found = []
    for container in ("telemetry", "predictions"):
        found += list(
            account.blobs.get_container_client(container).list_blob_names(name_starts_with="smoke/")
        )
    return found


def test_scores_as_recorded_leave_nothing_behind(account: RunningAzurite) -> None:
    before = set(names(account))
    thread = publish(account, "scored", (RECORDED / "v2.csv").read_bytes())
    reported = round_trip(account.blobs, of_version("v2"), Clock(20))
    thread.join()
    assert reported.startswith("3 rows ")
    assert set(names(account)) <= before


@pytest.mark.parametrize(
    ("status", "version", "rejected", "named"),
    [
        ("scored", "v1", 0, r"\bSMOKE-TEST-1: probability\b"),
        ("scored", "v2", 1, r"\b1 lines\b"),
        ("failed", "v2", 0, r"Unreadable: It is\."),
    ],
)
def test_anything_else_is_left_to_be_looked_at(
    account: RunningAzurite, status: str, version: str, rejected: int, named: str
) -> None:
    thread = publish(account, status, (RECORDED / f"{version}.csv").read_bytes(), rejected)
    with pytest.raises(OpsError, match=named):
        round_trip(account.blobs, of_version("v2"), Clock(20))
    thread.join()
    assert any(name.endswith(".summary.json") for name in names(account))


def test_a_file_that_nobody_scores_points_to_the_doctor(account: RunningAzurite) -> None:
    with pytest.raises(OpsError, match=r"telemetry/smoke/\w+\.csv .*`python -m ops doctor`"):
        round_trip(account.blobs, of_version("v2"), Clock(0.5))


def test_an_account_without_the_container(account: RunningAzurite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.smoke.round_trip.TELEMETRY", "absent")
    with pytest.raises(OpsError, match=r"\babsent\b"):
        round_trip(account.blobs, of_version("v2"), Clock(5))
    assert recorded.DRIVES.is_file()
