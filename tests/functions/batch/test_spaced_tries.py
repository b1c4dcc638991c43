"""A file that fails for a reason which may mend itself is tried over ten minutes, however it arrived."""

from __future__ import annotations

import json
import re
import shutil
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from unittest.mock import Mock

import pytest

from functions.blueprints import batch
from functions.errors import SettingError
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
        app.wait_for("moved to queue webjobs-blobtrigger-poison", 60)
        told = fleet.summary("day", etag, status="failed")["error"]["detail"]
        assert "registry.json" in told
        wait_until(lambda: app.output.count("Failed after") == 7, 30, "two failed tries of the queue")
        shutil.copytree(small_models, models, dirs_exist_ok=True)
        undisturbed.expect(fleet, "day", DATA, etag)
        began = re.findall(r"^(\S+)Z .*score_event .*Executing \(Reason=message", app.output, re.MULTILINE)
        times = [datetime.strptime(each, "%H:%M:%S.%f") for each in began]  # noqa: DTZ007 - of one clock
        assert len(times) == 3
        assert all(
            (later - earlier) % timedelta(days=1) > timedelta(seconds=1.9)
            for earlier, later in pairwise(times)
        )
        assert app.output.count("Failed after") == 7
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
        app.wait_for("moved to queue webjobs-blobtrigger-poison|score_range .*Failed after", 60)
        proxy.decide = lambda _: None
        undisturbed.expect(fleet, stem, data, etag, 60)
        assert refused
        assert "was given up" not in app.output
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
    """Then the message stays where it is, and the host brings it again when its lease is over."""
    models = tmp_path / "models"
    models.mkdir()

    def decide(request: Request) -> Fault | None:
        asked = (request.method, request.container, request.blob)
        if asked != ("POST", batch.EVENTS, "messages") or list(models.iterdir()):
            return None
        shutil.copytree(small_models, models, dirs_exist_ok=True)
        return "403"

    with (
        FaultProxy(account.at.queue, decide, service="Queue") as proxy,
        run_ranges(
            connection_string=proxy.in_front_of(account.connection_string),
            settings=SECONDS | {"MODELS_FOLDER": str(models)},
            options=("--no-azurite", "--message-lease", "1"),
        ) as app,
    ):
        etag = fleet.drop("day.csv", DATA)
        undisturbed.expect(fleet, "day", DATA, etag)
        assert len(re.findall("give_up_file .*Executing", app.output)) == 2


def test_a_setting_that_is_wrong_leaves_a_summary(
    app_here: AppHere, fleet: Fleet, account: RunningAzurite, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.drop("day.csv", DATA)
    wrong = SettingError("RANGE is wrong.")
    monkeypatch.setattr("functions.batch.dispatch.settings", Mock(side_effect=wrong))
    with pytest.raises(SettingError):
        app_here.arrive("day.csv")
    summary = account.blobs.get_blob_client("predictions", f"{fleet.folder}/day.summary.json")
    said = json.loads(summary.download_blob().readall())
    assert said["status"] == "failed"
    assert said["error"]["detail"].startswith("RANGE is wrong. ")
