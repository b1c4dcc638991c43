"""A storage service that fails at random, does not answer, or is away: every file ends as if it had not."""

from __future__ import annotations

import logging
import time

import pytest

from functions.storage import accounts
from tests.functions.batching.app_here import AppHere
from tests.functions.batching.conftest import RunRanges
from tests.functions.conftest import Fleet
from tests.support.drives import WORN, row, table
from tests.support.fault_proxy import FaultProxy, RandomFaults
from tests.support.running_app import RunningAzurite
from tests.support.undisturbed import Undisturbed

_log = logging.getLogger(__name__)

DAY = "2023-01-25"
ROWS = [row(f"S{number}", DAY, smart_5_raw=number % 60) for number in range(900)]
FILES = {
    "whole": table([*ROWS[:150], "oops"]),
    "ranges": table([*ROWS, "oops"]),
    "repeated": table([*ROWS, *(row(f"S{number}", DAY, **WORN) for number in range(5, 300, 50))]),
}


@pytest.mark.slow
def test_faults_at_random(
    run_ranges: RunRanges,
    fleet: Fleet,
    account: RunningAzurite,
    undisturbed: Undisturbed,
) -> None:
    """500, 503, time-outs and resets, before and after the service has done what was asked."""
    with (
        FaultProxy(account.at.blob) as proxy,
        run_ranges(workers=2, connection_string=proxy.in_front_of(account.connection_string)) as app,
    ):
        proxy.decide = RandomFaults(seed=6, share=0.08)
        etags = {name: fleet.drop(f"{name}.csv", data) for name, data in FILES.items()}
        for name, data in FILES.items():
            undisturbed.expect(fleet, name, data, etags[name], seconds=240)
        _log.info("faults: %s", dict(proxy.faults))
        assert proxy.faults.total() >= 10
        assert len(proxy.faults) >= 4, "several kinds"
        # Carried by the client's own retries: no message was needed twice.
        assert "Failed after" not in app.output


@pytest.mark.parametrize("name", ["whole", "repeated"])
def test_no_answer_at_all(
    app_here: AppHere,
    fleet: Fleet,
    account: RunningAzurite,
    undisturbed: Undisturbed,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    """The client gives a request up when nothing comes for a time, here after half a second."""
    monkeypatch.setattr(accounts, "READ_SECONDS", 0.5)
    with FaultProxy(account.at.blob) as proxy:
        monkeypatch.setenv("SilentStorage", proxy.in_front_of(account.connection_string))
        etag = fleet.drop(f"{name}.csv", FILES[name])
        proxy.decide = RandomFaults(seed=1, share=0.2, kinds=["silence"], limit=2)
        with accounts.blob_service("SilentStorage") as app_here.service:
            app_here.ranges(app_here.arrive(f"{name}.csv").tasks)
        assert proxy.faults["silence"] == 2
    accounts._clients.pop("SilentStorage")
    undisturbed.expect(fleet, name, FILES[name], etag, seconds=0)


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
