"""Damage to blobs that the app reads again: an error that names them, or the right outputs.

Snapshots of history, and the blobs by which the ranges of a file meet. The app's functions run in a process
of their own, so that a crash is seen.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import NamedTuple, override

from azure.storage.blob import BlobClient

from functions.batch.dispatch import score_arrived, score_one
from functions.batch.range_message import RangeMessage
from functions.errors import DrivecastError
from functions.storage import containers
from functions.storage.accounts import blob_service
from tests.campaigns.account import drop, expect, running_account
from tests.campaigns.campaign import Campaign
from tests.campaigns.damage import damage
from tests.campaigns.fleet_files import WEEK, FleetFile, earlier_file, fleet_files
from tests.campaigns.sandbox import Sandbox
from tests.functions.conftest import Fleet
from tests.support.mortal_worker import FILE
from tests.support.undisturbed import Undisturbed

RANGE_BYTES = 16_000

MOST_DELIVERIES = 60
"""Of a file of at most five ranges, each delivered again whenever all are scored anew."""


class Answer(NamedTuple):
    """What came of a message: the messages it asks for; or the error, in words."""

    tasks: list[str]
    error: str | None = None


def deliver(message: str) -> Answer:
    """Handle a message as the app does."""
    service = blob_service()
    try:
        if message.startswith(FILE):
            outcome = score_arrived(service, message.removeprefix(FILE))
        else:
            outcome = score_one(service, RangeMessage.decode(message.encode()), last_try=False)
    except DrivecastError as error:
        return Answer([], f"{error.code}: {error.detail}")
    return Answer([task.encode() for task in outcome.tasks])


class DamagedBlobs(Campaign):
    """One damaged blob a try."""

    name = "damaged-blobs"

    @override
    def start(self) -> None:
        self.account = self.stack.enter_context(running_account(self.models, self.folder))
        settings = {
            "AzureWebJobsStorage": self.account.azurite.connection_string,
            "MODELS_FOLDER": str(self.models),
            "RANGE_BYTES": str(RANGE_BYTES),
        }
        self.sandbox = self.stack.enter_context(Sandbox(settings))

    @override
    def attempt(self, chance: random.Random) -> Counter[str]:
        kind = chance.choice([self.in_history, self.in_run])
        return Counter({f"{kind.__name__.removeprefix('in_')} {kind(chance)}": 1})

    def in_history(self, chance: random.Random) -> str:
        """Damage a snapshot of history ."""
        day, fleet, undisturbed = self.account.day(), self.account.fleet(), self.account.undisturbed()
        earlier = earlier_file((day - WEEK).isoformat())
        etag = drop(fleet, earlier, self.evidence)
        self._finish(fleet, undisturbed, earlier, etag, [f"{FILE}{fleet.folder}/{earlier.name}"])
        snapshot = f"{day - WEEK}/{fleet.folder}/earlier.arrow"
        blob = self.account.azurite.blobs.get_blob_client(containers.HISTORY, snapshot)
        sound = self._damage(blob, chance)
        file = chance.choice(fleet_files(chance, day.isoformat(), whole=1, ranges=1, zipped=0))
        etag = drop(fleet, file, self.evidence)
        outcome, messages = "right", [f"{FILE}{fleet.folder}/{file.name}"]
        while messages:
            answer = self.sandbox.call(deliver, messages[0])
            if answer.error is not None:
                assert snapshot in answer.error, answer.error
                outcome = "refused"
                replace(blob, sound)
                break
            messages = messages[1:] + answer.tasks
        self._finish(fleet, undisturbed, file, etag, messages)
        return outcome

    def in_run(self, chance: random.Random) -> str:
        """Damage a blob that the ranges of a file have left for each other, at any moment before the end."""
        day, fleet, undisturbed = self.account.day(), self.account.fleet(), self.account.undisturbed()
        earlier = earlier_file((day - WEEK).isoformat())
        etag = drop(fleet, earlier, self.evidence)
        self._finish(fleet, undisturbed, earlier, etag, [f"{FILE}{fleet.folder}/{earlier.name}"])
        file = fleet_files(chance, day.isoformat(), whole=0, ranges=2, zipped=0)[chance.randrange(2)]
        etag = drop(fleet, file, self.evidence)
        messages = self.sandbox.call(deliver, f"{FILE}{fleet.folder}/{file.name}").tasks
        chance.shuffle(messages)
        for _ in range(chance.randint(1, 8)):
            if len(messages) > 1:
                messages += self.sandbox.call(deliver, messages.pop(0)).tasks
        runs = self.account.azurite.blobs.get_container_client(containers.RUNS)
        left = [str(name) for name in runs.list_blob_names(name_starts_with=f"{fleet.folder}/{file.name}/")]
        self._damage(runs.get_blob_client(chance.choice(sorted(left))), chance)
        self._finish(fleet, undisturbed, file, etag, messages)
        return "right"

    def _finish(
        self, fleet: Fleet, undisturbed: Undisturbed, file: FleetFile, etag: str, messages: list[str]
    ) -> None:
        """Deliver messages, and those they ask for, until none is left; hold the outputs against ours."""
        queue = list(messages)
        for _ in range(MOST_DELIVERIES):
            if not queue:
                break
            answer = self.sandbox.call(deliver, queue[0])
            assert answer.error is None, answer.error
            queue = queue[1:] + answer.tasks
        assert not queue, f"{len(queue)} messages are left after {MOST_DELIVERIES} deliveries"
        expect(undisturbed, fleet, file, etag)

    def _damage(self, blob: BlobClient, chance: random.Random) -> bytes:
        """Damage a blob, but not its metadata; return what it held."""
        sound: bytes = blob.download_blob().readall()
        damaged = damage(sound, chance)
        self.evidence[f"damaged/{blob.blob_name.rpartition('/')[2]}"] = damaged
        self.evidence["blob.txt"] = f"{blob.container_name}/{blob.blob_name}".encode()
        replace(blob, damaged)
        return sound


def replace(blob: BlobClient, content: bytes) -> None:
    """Overwrite a blob, but not its metadata."""
    metadata = dict(blob.get_blob_properties().metadata)
    blob.upload_blob(content, overwrite=True, metadata=metadata)
