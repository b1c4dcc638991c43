"""Records as the app keeps them of files that it has given up."""

from __future__ import annotations

from functions.storage.given_up import GivenUp, keep
from tests.support.running_app import RunningAzurite

QUEUE = "telemetry-events-poison"


def give_up(account: RunningAzurite, name: str, etag: str, queue: str = QUEUE) -> None:
    """Keep a record of one version of a file."""
    keep(account.blobs, GivenUp(queue, "a message", name, etag.strip('"')), "")


def give_up_message(account: RunningAzurite, number: str, text: str = "what is this") -> None:
    """Keep a message that names no file."""
    keep(account.blobs, GivenUp(QUEUE, text), number)
