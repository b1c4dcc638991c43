"""Workers killed with SIGKILL at random moments of their work: every file ends as if nobody had been."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections import Counter
from contextlib import suppress
from typing import override

from tests.campaigns.account import Account, drop, expect, running_account
from tests.campaigns.campaign import Campaign
from tests.campaigns.fleet_files import WEEK, FleetFile, earlier_file, fleet_files
from tests.support.fault_proxy import APP_CONTAINERS, Fault, FaultProxy, Request
from tests.support.mortal_worker import FILE, MortalWorkers
from tests.support.port_owner import port_owner
from tests.support.running_app import PROJECT, RunningApp, running_app

PATIENT = {
    "AzureFunctionsJobHost__extensions__queues__maxDequeueCount": "1000",
    "AzureFunctionsJobHost__extensions__blobs__poisonBlobThreshold": "1000",
    "AzureFunctionsJobHost__extensions__queues__visibilityTimeout": "00:00:00",
}
"""A message whose worker dies five times goes to the poison queue; here it is not the message's fault, and it
comes again without the half-minute of host.json."""

UNLIMITED = ("--no-azurite", "--message-lease", "1", "--worker-deaths", "0")
"""More workers are killed than the host lives through; a note of what one held may be lost with it, so that
its message waits for the lease."""


class Kills(Campaign):
    """Processes that handle one message each, killed at a moment chosen before they begin.

    They are forks of a warm process, so that many deaths fit into a second.
    """

    name = "kills"

    @override
    def start(self) -> None:
        self.account = self.stack.enter_context(running_account(self.models, self.folder))

    @override
    def attempt(self, chance: random.Random) -> Counter[str]:
        if chance.random() < 0.5:
            return self.kill_scorers(chance, kills=chance.randint(6, 16))
        return self.kill_planners(chance, kills=chance.randint(6, 12), copies=chance.choice([1, 2]))

    def kill_scorers(self, chance: random.Random, kills: int) -> Counter[str]:
        """Score files of every kind, with a past, while four of five processes are killed."""
        workers = self._workers(chance, range_bytes=chance.randint(8_000, 20_000))
        day, fleet, undisturbed = self.account.day(), self.account.fleet(), self.account.undisturbed()
        earlier = earlier_file((day - WEEK).isoformat())
        etag = drop(fleet, earlier, self.evidence)
        workers.work([f"{FILE}{fleet.folder}/{earlier.name}"])
        expect(undisturbed, fleet, earlier, etag)
        files = fleet_files(chance, day.isoformat(), whole=2, ranges=2, zipped=1)
        etags = [drop(fleet, file, self.evidence) for file in files]
        workers.work([f"{FILE}{fleet.folder}/{file.name}" for file in files], kills=kills)
        for file, each in zip(files, etags, strict=True):
            expect(undisturbed, fleet, file, each)
        return Counter({"killed": workers.kills, "files as undisturbed": len(files)})

    def kill_planners(self, chance: random.Random, kills: int, copies: int) -> Counter[str]:
        """Plan files in steps of two ranges, while half the processes are killed.

        Twice the messages are twice the messages of every later step: steps must not multiply for ever.
        """
        workers = self._workers(chance, range_bytes=5_000 if copies == 1 else 9_000, step_ranges=2)
        day, fleet, undisturbed = self.account.day(), self.account.fleet(), self.account.undisturbed()
        files = fleet_files(chance, day.isoformat(), whole=0, ranges=2, zipped=0)
        etags = [drop(fleet, file, self.evidence) for file in files]
        messages = [f"{FILE}{fleet.folder}/{file.name}" for file in files]
        workers.work(messages, kills=kills, share=0.5, copies=copies)
        for file, each in zip(files, etags, strict=True):
            expect(undisturbed, fleet, file, each)
        return Counter({"killed": workers.kills, "files as undisturbed": len(files)})

    def _workers(
        self, chance: random.Random, *, range_bytes: int, step_ranges: int | None = None
    ) -> MortalWorkers:
        settings = {
            "AzureWebJobsStorage": self.account.azurite.connection_string,
            "MODELS_FOLDER": str(self.models),
            "RANGE_BYTES": str(range_bytes),
        }
        return MortalWorkers(settings, seed=chance.getrandbits(32), step_ranges=step_ranges)


class DevhostKills(Campaign):
    """Workers of devhost, killed at a request to storage or at some moment after it."""

    name = "devhost-kills"

    @override
    def start(self) -> None:
        self.account: Account = self.stack.enter_context(running_account(self.models, self.folder))
        self.proxy = self.stack.enter_context(FaultProxy(self.account.azurite.at.blob))
        self.app = self.stack.enter_context(
            running_app(
                PROJECT,
                self.proxy.in_front_of(self.account.azurite.connection_string),
                self.folder,
                workers=2,
                settings={
                    "MODELS_FOLDER": str(self.models),
                    "RANGE_BYTES": "12000",
                    "AzureFunctionsWebHost__hostid": "campaign-kills",
                    **PATIENT,
                },
                options=UNLIMITED,
            )
        )

    @override
    def attempt(self, chance: random.Random) -> Counter[str]:
        return self.kill_workers(chance, kills=chance.randint(2, 4))

    def kill_workers(self, chance: random.Random, kills: int) -> Counter[str]:
        """Upload files of every kind until so many workers have been killed."""
        day, fleet, undisturbed = self.account.day(), self.account.fleet(), self.account.undisturbed()
        earlier = earlier_file((day - WEEK).isoformat())
        expect(undisturbed, fleet, earlier, drop(fleet, earlier, self.evidence), seconds=60)
        killer = Killer(self.app, random.Random(chance.getrandbits(32)), kills)
        files = fleet_files(chance, day.isoformat(), whole=2, ranges=2, zipped=1)
        scored = 0
        self.proxy.decide = killer
        try:
            while killer.kills < kills:
                etags = [drop(fleet, file, self.evidence) for file in files]
                for file, etag in zip(files, etags, strict=True):
                    expect(undisturbed, fleet, file, etag, seconds=600)
                scored += len(files)
                files = [FleetFile(f"{scored}-{file.name}", file.stored) for file in files]
        finally:
            self.proxy.decide = lambda _: None
            self.evidence["devhost.log"] = self.app.output.encode()
        return Counter({"killed": killer.kills, "files as undisturbed": scored})


class Killer:
    """Kills the worker that sends a request: before the request arrives, or at some moment after it."""

    def __init__(self, app: RunningApp, chance: random.Random, most: int) -> None:
        self._app = app
        self._chance = chance
        self._most = most
        self._lock = threading.Lock()
        self.kills = 0

    def __call__(self, request: Request) -> Fault | None:
        if request.container not in APP_CONTAINERS or not request.blob:
            return None
        with self._lock:
            if self.kills >= self._most or self._chance.random() > 1 / 20:
                return None
            pid = port_owner(request.port, self._app.worker_pids())
            if pid is None:
                return None
            self.kills += 1
            later = self._chance.choice([None, self._chance.uniform(0, 0.1)])
        if later is None:
            self._kill(pid)
            return "reset"
        threading.Timer(later, self._kill, [pid]).start()
        return None

    @staticmethod
    def _kill(pid: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
