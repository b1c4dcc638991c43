"""A storage service that fails, does not answer, or is away: every file ends as if it had not."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import partial

import pytest
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import LinearRetry

from functions.storage import accounts
from tests.functions.batch.app_here import AppHere
from tests.functions.batch.conftest import RunRanges, waiting_in
from tests.functions.conftest import Fleet
from tests.support.drives import WORN, row, table
from tests.support.fault_proxy import PASSING, EachOnce, Fault, FaultProxy, Request
from tests.support.running_app import RunningAzurite
from tests.support.undisturbed import Undisturbed
from tests.support.waiting import wait_until

_log = logging.getLogger(__name__)

DAY = "2023-01-25"
ROWS = [row(f"S{number}", DAY, smart_5_raw=number % 60) for number in range(900)]
FILES = {
    "whole": table([*ROWS[:150], "oops"]),
    "ranges": table([*ROWS, "oops"]),
    "repeated": table([*ROWS, *(row(f"S{number}", DAY, **WORN) for number in range(5, 300, 50))]),
}

PATIENT = {
    "AzureFunctionsJobHost__extensions__queues__maxDequeueCount": "1000",
    "AzureFunctionsJobHost__extensions__blobs__poisonBlobThreshold": "1000",
    "AzureFunctionsJobHost__extensions__queues__visibilityTimeout": "00:00:00",
}
"""A message taken and lost five times goes to the poison queue; here it is not the message's fault."""


REQUESTS: dict[str, Callable[[Request], bool]] = {
    "properties of the file": lambda it: (it.method, it.container) == ("HEAD", "telemetry"),
    "bytes of the file": lambda it: (it.method, it.container) == ("GET", "telemetry"),
    "block": lambda it: it.container == "runs" and "comp=block&" in f"{it.query}&",
    "list of blocks": lambda it: it.container == "runs" and it.query == "comp=blocklist",
    "rows of a range": lambda it: it.method == "PUT" and it.blob.endswith(".rows.arrow"),
    "record of a range": lambda it: it.method == "PUT" and it.blob.endswith(".0.json"),
    "record that is read": lambda it: it.method == "GET" and it.blob.endswith(".0.json"),
    "what is deleted": lambda it: (it.method, it.container) == ("DELETE", "runs"),
    "copy of an output": lambda it: it.container == "predictions" and it.is_copy,
    "output": lambda it: it.container == "predictions" and it.is_upload,
    "snapshot": lambda it: it.container == "history" and it.is_upload,
    "list of snapshots": lambda it: it.container == "history" and "comp=list" in it.query,
}
"""Kinds of requests of a file that is scored."""


class FirstOfEach:
    """Fails the first request of every kind."""

    def __init__(self, fault: Fault) -> None:
        self._fault = fault
        self._lock = threading.Lock()
        self.left = dict(REQUESTS)

    def __call__(self, request: Request) -> Fault | None:
        with self._lock:
            kind = next((name for name, matches in self.left.items() if matches(request)), None)
            if kind is None:
                return None
            del self.left[kind]
            return self._fault


@pytest.mark.parametrize("fault", [*PASSING, "silence"])
def test_every_request_once(
    app_here: AppHere,
    fleet: Fleet,
    account: RunningAzurite,
    undisturbed: Undisturbed,
    monkeypatch: pytest.MonkeyPatch,
    fault: Fault,
) -> None:
    """Carried by the client's own retries, here without their pauses: no try fails."""
    monkeypatch.setattr(accounts, "READ_SECONDS", 0.5 if fault == "silence" else 60)
    monkeypatch.setattr(accounts, "retry_policy", lambda: LinearRetry(backoff=0, random_jitter_range=0))
    faults = FirstOfEach(fault)
    with FaultProxy(account.at.blob) as proxy:
        monkeypatch.setattr(accounts, "_clients", {})
        monkeypatch.setenv("NoisyStorage", proxy.in_front_of(account.connection_string))
        etags = {name: fleet.drop(f"{name}.csv", FILES[name]) for name in ("repeated", "whole")}
        proxy.decide = faults
        with accounts.blob_service("NoisyStorage") as app_here.service:
            for name in etags:
                app_here.ranges(app_here.arrive(f"{name}.csv").tasks)
    assert faults.left == {}
    for name, etag in etags.items():
        undisturbed.expect(fleet, name, FILES[name], etag, seconds=0)


@pytest.mark.slow
def test_faults_of_the_queues(
    run_ranges: RunRanges, fleet: Fleet, account: RunningAzurite, undisturbed: Undisturbed
) -> None:
    """Messages are sent twice, taken and lost, not deleted; devhost stands in for the host."""
    faults = EachOnce()
    with (
        FaultProxy(account.at.queue, faults, service="Queue") as proxy,
        run_ranges(
            workers=2,
            connection_string=proxy.in_front_of(account.connection_string),
            options=("--no-azurite", "--message-lease", "1"),
            settings=PATIENT,
        ) as app,
    ):
        etags = {name: fleet.drop(f"{name}.csv", data) for name, data in FILES.items()}
        for name, data in FILES.items():
            undisturbed.expect(fleet, name, data, etags[name], seconds=240)
        wait_until(lambda: not any(faults.left[did] for did in ("POST", "GET", "DELETE")), 60, "all faults")
        _log.info("faults: %s, left: %s", dict(proxy.faults), faults.left)
        names = [str(queue.name) for queue in account.queues.list_queues()]
        for queue in (account.queues.get_queue_client(name) for name in names if "-poison" not in name):
            wait_until(partial(lambda queue: not waiting_in(queue), queue), 60, "the empty queues")
        for name, data in FILES.items():
            undisturbed.expect(fleet, name, data, etags[name], seconds=0)
        assert "moved to queue" not in app.output


class FlipOnce:
    """Flips a bit in the first upload of some blob of the app's, or of a block of it."""

    def __init__(self, ending: str) -> None:
        self._ending = ending
        self._lock = threading.Lock()
        self.uploads: list[str] = []
        """Name and query of each."""

    def __call__(self, request: Request) -> Fault | None:
        if not request.is_upload or not request.blob.endswith(self._ending):
            return None
        with self._lock:
            self.uploads.append(f"{request.blob}?{request.query}")
            return "flipped bit" if len(self.uploads) == 1 else None


@pytest.mark.parametrize("ending", ["/output.csv", "/output.rejects.csv", ".rows.arrow", ".0.json"])
def test_a_bit_flips_on_the_way(
    app_here: AppHere,
    fleet: Fleet,
    account: RunningAzurite,
    undisturbed: Undisturbed,
    monkeypatch: pytest.MonkeyPatch,
    ending: str,
) -> None:
    """The service refuses it, the try fails, the next one sends it again."""
    flip = FlipOnce(ending)
    with FaultProxy(account.at.blob) as proxy:
        monkeypatch.setattr(accounts, "_clients", {})
        monkeypatch.setenv("NoisyStorage", proxy.in_front_of(account.connection_string))
        etag = fleet.drop("repeated.csv", FILES["repeated"])
        proxy.decide = flip
        with accounts.blob_service("NoisyStorage") as app_here.service:
            tasks = app_here.arrive("repeated.csv").tasks
            with pytest.raises(HttpResponseError, match="Md5Mismatch"):
                app_here.range(tasks[0])
            app_here.ranges(tasks)
        assert proxy.faults["flipped bit"] == 1
    assert flip.uploads[0] in flip.uploads[1:]
    undisturbed.expect(fleet, "repeated", FILES["repeated"], etag, seconds=0)


@pytest.mark.slow
def test_the_service_starts_again_in_the_middle(
    run_ranges: RunRanges, fleet: Fleet, account: RunningAzurite, undisturbed: Undisturbed
) -> None:
    """As soon as one file is planned and others are not."""
    with run_ranges(workers=2, options=("--no-azurite", "--message-lease", "2")) as app:
        etags = {name: fleet.drop(f"{name}.csv", data) for name, data in FILES.items()}
        app.wait_for(rf"{fleet.folder}/\w+\.csv: .*ranges to score", 60)
        account.stop()
        time.sleep(0.5)
        account.start()
        for name, data in FILES.items():
            undisturbed.expect(fleet, name, data, etags[name], seconds=120)
