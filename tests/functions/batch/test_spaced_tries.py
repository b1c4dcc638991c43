"""A file that fails for a reason which may mend itself is tried over ten minutes, however it arrived."""

from __future__ import annotations

import json
import re
import shutil
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NoReturn
from unittest.mock import Mock

import pytest
from azure.core.exceptions import ClientAuthenticationError

from functions.batch import run_models
from functions.batch.complete_file import Outcome
from functions.batch.event_message import WrittenBlob, written_blob
from functions.batch.spaced_tries import HandedOn, score_or_hand_on
from functions.blueprints import batch
from functions.errors import ModelError, SettingError
from functions.storage.errors import SourceNameTooLongError
from ops.poison.message import PoisonedFile, read
from tests.functions.batch.app_here import AppHere
from tests.functions.batch.conftest import RunRanges, waiting_in
from tests.functions.conftest import Fleet
from tests.support.drives import row, table
from tests.support.fault_proxy import Fault, FaultProxy, Request
from tests.support.running_app import PROJECT, RunningAzurite
from tests.support.undisturbed import Undisturbed
from tests.support.waiting import wait_until

DATA = table([row(f"T{number}", "2022-01-25") for number in range(100)])
RANGES = table([row(f"T{number}", "2022-01-25") for number in range(900)])

SECONDS = {"AzureFunctionsJobHost__extensions__queues__visibilityTimeout": "00:00:02"}
"""Minutes, for a test."""


def poisoned(account: RunningAzurite) -> dict[str, int]:
    """Count the messages of every poison queue."""
    names = [str(queue.name) for queue in account.queues.list_queues()]
    found = {name: waiting_in(account.queues.get_queue_client(name)) for name in names if "-poison" in name}
    return {name: count for name, count in found.items() if count}


def test_five_tries_of_a_queue_span_ten_minutes() -> None:
    queues = json.loads((PROJECT / "host.json").read_text())["extensions"]["queues"]
    hours, minutes, seconds = map(int, queues["visibilityTimeout"].split(":"))
    pause = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    assert batch.TRIES == queues["maxDequeueCount"] == 5
    assert (batch.TRIES - 1) * pause >= timedelta(minutes=10)


@pytest.mark.slow
def test_a_model_that_is_away_for_longer_than_the_tries_of_a_blob(
    run_ranges: RunRanges,
    fleet: Fleet,
    account: RunningAzurite,
    undisturbed: Undisturbed,
    small_models: Path,
    tmp_path: Path,
) -> None:
    models = tmp_path / "models"
    models.mkdir()
    before = poisoned(account)
    with run_ranges(settings=SECONDS | {"MODELS_FOLDER": str(models)}) as app:
        etag = fleet.drop("day.csv", DATA)
        app.wait_for(
            rf"ERROR \[score_telemetry .*{fleet.folder}/day\.csv: .*registry\.json.* It is tried again"
        )
        told = fleet.summary("day", etag, status="failed")["error"]["detail"]
        assert "It is tried again, five times over ten minutes" in told
        wait_until(lambda: app.output.count("Failed after") == 2, 30, "two failed tries of the queue")
        shutil.copytree(small_models, models, dirs_exist_ok=True)
        undisturbed.expect(fleet, "day", DATA, etag)
        began = re.findall(r"^(\S+)Z .*score_event .*Executing \(Reason=message", app.output, re.MULTILINE)
        times = [datetime.strptime(each, "%H:%M:%S.%f") for each in began]  # noqa: DTZ007 - of one clock
        assert len(times) == 3
        assert all(
            (later - earlier) % timedelta(days=1) > timedelta(seconds=1.9)
            for earlier, later in pairwise(times)
        )
        assert len(re.findall(r"Failed after .*\n", app.output)) == 2, "the blob trigger's try did not fail"
    assert poisoned(account) == before


@pytest.mark.slow
@pytest.mark.parametrize(("stem", "data"), [("whole", DATA), ("ranges", RANGES)])
def test_a_role_that_arrives_late(
    run_ranges: RunRanges,
    fleet: Fleet,
    account: RunningAzurite,
    undisturbed: Undisturbed,
    stem: str,
    data: bytes,
) -> None:
    """Storage refuses to write outputs, which no client asks about again."""
    refused: list[str] = []

    def without_role(request: Request) -> Fault | None:
        writes = request.method == "PUT" and request.container in ("predictions", "runs", "history")
        if not writes or not request.blob:
            return None
        refused.append(request.blob)
        return "403"

    before = poisoned(account)
    with (
        FaultProxy(account.at.blob, without_role) as proxy,
        run_ranges(connection_string=proxy.in_front_of(account.connection_string), settings=SECONDS) as app,
    ):
        etag = fleet.drop(f"{stem}.csv", data)
        app.wait_for("Failed after", 60)
        proxy.decide = lambda _: None
        undisturbed.expect(fleet, stem, data, etag, 60)
        assert refused
        assert "moved to queue" not in app.output
    assert poisoned(account) == before


@pytest.mark.slow
def test_the_queue_refuses_too(
    run_ranges: RunRanges,
    fleet: Fleet,
    account: RunningAzurite,
    undisturbed: Undisturbed,
    small_models: Path,
    tmp_path: Path,
) -> None:
    """Then the invocation has failed, and the host's own tries follow."""
    models = tmp_path / "models"
    models.mkdir()

    def decide(request: Request) -> Fault | None:
        if (request.method, request.container, request.blob) != ("POST", batch.EVENTS, "messages"):
            return None
        shutil.copytree(small_models, models, dirs_exist_ok=True)
        return "403"

    with (
        FaultProxy(account.at.queue, decide, service="Queue") as proxy,
        run_ranges(
            connection_string=proxy.in_front_of(account.connection_string),
            settings=SECONDS | {"MODELS_FOLDER": str(models)},
        ) as app,
    ):
        etag = fleet.drop("day.csv", DATA)
        undisturbed.expect(fleet, "day", DATA, etag)
        assert app.output.count(f"Executing (Reason=new blob telemetry/{fleet.folder}/day.csv)") == 2


def test_what_is_handed_on_names_the_version(
    app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The function that reads the queue finds the file by it, and so does whoever replays."""
    name = f"{fleet.folder}/50%25 ü#1?.csv"
    etag = fleet.drop("50%25 ü#1?.csv", DATA)

    def no_model() -> NoReturn:
        raise ModelError("There is no model.")

    with monkeypatch.context() as patch:
        patch.setattr(run_models, "current", no_model)
        found = score_or_hand_on(lambda: app_here.service, name)
    assert isinstance(found, HandedOn)
    assert found.cause == "There is no model."
    assert written_blob(found.message.encode()) == WrittenBlob("telemetry", name)
    assert read(found.message) == PoisonedFile("telemetry", name, etag.strip('"'))
    done = score_or_hand_on(lambda: app_here.service, name)
    assert isinstance(done, Outcome)
    undisturbed.expect(fleet, "50%25 ü#1?", DATA, etag, 0)


def test_a_setting_that_is_wrong_leaves_a_summary(
    app_here: AppHere, fleet: Fleet, account: RunningAzurite, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.drop("day.csv", DATA)
    wrong = SettingError("RANGE is wrong.")
    monkeypatch.setattr("functions.batch.dispatch.settings", Mock(side_effect=wrong))
    with pytest.raises(SettingError):
        app_here.arrive("day.csv", last_try=True)
    summary = account.blobs.get_blob_client("predictions", f"{fleet.folder}/day.summary.json")
    said = json.loads(summary.download_blob().readall())
    assert said["status"] == "failed"
    assert said["error"]["detail"].startswith("RANGE is wrong. This was the last of five tries")


def test_storage_that_tells_nothing_is_handed_on_without_a_version() -> None:
    def refuse() -> NoReturn:
        raise ClientAuthenticationError("no identity\nand more")

    found = score_or_hand_on(refuse, "a/day.csv")
    assert isinstance(found, HandedOn)
    assert found.cause == "ClientAuthenticationError: no identity."
    assert written_blob(found.message.encode()) == WrittenBlob("telemetry", "a/day.csv")
    assert read(found.message) == PoisonedFile("telemetry", "a/day.csv", "")


def test_what_time_does_not_mend_is_not_handed_on(app_here: AppHere, fleet: Fleet) -> None:
    with pytest.raises(SourceNameTooLongError):
        score_or_hand_on(lambda: app_here.service, "x" * 1_010 + ".csv")
    gone = score_or_hand_on(lambda: app_here.service, f"{fleet.folder}/gone.csv")
    assert isinstance(gone, Outcome)
    assert gone.said.startswith("stopped: ")
    etag = fleet.drop("bad.csv", b"no header\n")
    assert isinstance(score_or_hand_on(lambda: app_here.service, f"{fleet.folder}/bad.csv"), Outcome)
    assert fleet.summary("bad", etag, 0)["error"]["code"] == "bad_file"
