"""What Microsoft's host did with messages and blobs (recordings/events.json), asked of devhost on Azurite.

Names, bodies, tries, outcomes and poison messages must be the same; pauses between tries as far as a busy
machine keeps them.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import ResourceNotFoundError

from tests.conftest import RunApp
from tests.support.running_app import RunningApp, RunningAzurite
from tests.support.waiting import wait_until

HERE = Path(__file__).parent
PROBE = HERE / "apps" / "probe"
RECORDED: dict[str, Any] = json.loads((HERE / "recordings" / "events.json").read_text())

QUEUE: dict[str, dict[str, Any]] = RECORDED["queue"]
BLOBS: dict[str, dict[str, Any]] = RECORDED["blob"]
PATTERNS = {
    key.removeprefix("pattern "): found for key, found in RECORDED.items() if key.startswith("pattern ")
}

UNTRIED = "moved to the poison queue, as it was, without a try"
FAILS = "three tries that fail before the function (the bytes are not UTF-8), then the poison queue"
HANDED = "handed to the function"


class Probe:
    """The probe's event functions under devhost, on an account of their own, with everything sent at once."""

    def __init__(self, app: RunningApp, account: RunningAzurite) -> None:
        self.app = app
        self._account = account
        self.made = {str(item.name) for item in account.queues.list_queues()}
        self.made |= {str(item.name) for item in account.blobs.list_containers()}
        self.ids = {name: self.send("probe-in", case["sent"]) for name, case in QUEUE.items()}
        self._notes: list[dict[str, Any]] = []
        for name in BLOBS:
            self.upload("probe-blobs", name, b"" if name == "empty" else b"a,b\n1")
        for name in PATTERNS:
            self.upload("probe-pattern", name, b"a,b\n1")
        self.upload("probe-poison", "x y.csv", b"a,b\n1")
        self.send("probe-fails", RECORDED["queue_fails"]["poison"][0])

    def send(self, queue: str, content: str) -> str:
        """Put a text into a queue as it is; the message's id."""
        return str(self._account.queues.get_queue_client(queue).send_message(content).id)

    def upload(self, container: str, name: str, data: bytes) -> None:
        """Upload a blob."""
        self._account.blobs.get_blob_client(container, name).upload_blob(data)

    def messages(self, queue: str) -> list[str]:
        """Texts that wait in a queue, as they are."""
        try:
            return [item.content for item in self._account.queues.get_queue_client(queue).peek_messages(32)]
        except ResourceNotFoundError:
            return []

    def notes(self) -> list[dict[str, Any]]:
        """What the functions noted so far, in order; each was base64 in the queue."""
        queue = self._account.queues.get_queue_client("probe-notes")
        for item in queue.receive_messages(messages_per_page=32, visibility_timeout=600):
            self._notes.append(json.loads(base64.b64decode(item.content, validate=True)))
        return self._notes

    def printed(self, kind: str) -> list[dict[str, Any]]:
        """What a failing function printed at each try."""
        lines = re.findall(r'^\{"kind": .*\}$', self.app.output, re.MULTILINE)
        return [found for found in map(json.loads, lines) if found["kind"] == kind]


@pytest.fixture(scope="module")
def probe(run_app: RunApp, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Probe]:
    account = RunningAzurite(tmp_path_factory.mktemp("azurite-probe"))
    settings = {"PYTHON_SCRIPT_FILE_NAME": "events_app.py", "AzureFunctionsWebHost__hostid": "probe"}
    try:
        with run_app(PROBE, connection_string=account.connection_string, settings=settings) as app:
            yield Probe(app, account)
    finally:
        account.stop()


def test_queues_and_containers_are_there_when_devhost_is_ready(probe: Probe) -> None:
    assert probe.made == {
        "azure-webjobs-hosts",
        "probe-blobs",
        "probe-fails",
        "probe-in",
        "probe-pattern",
        "probe-poison",
        "webjobs-blobtrigger-probe",
    }
    assert "cannot be read" not in probe.app.output


def outcome(probe: Probe, name: str) -> str:
    """Say what became of a message, in the recording's words."""
    found = probe.ids[name]

    def reported() -> re.Match[str] | None:
        pattern = rf"message {found} (cannot be decoded|failed (\d) times): moved|Reason=message {found} of"
        return re.search(pattern, probe.app.output)

    match = wait_until(reported, 30, f"an end of {name}")
    assert match
    if match[1] == "cannot be decoded":
        assert probe.app.output.count(found) == 2, "the reason, and the move"
        return UNTRIED
    if match[1]:
        tries = re.findall(rf"message {found} of probe-in: its bytes are not UTF-8", probe.app.output)
        assert (match[2], len(tries)) == ("3", 3)
        return FAILS
    return HANDED


def test_every_recording_is_asked() -> None:
    others = {key for key in RECORDED if not key.startswith("pattern ")}
    assert others == {"queue", "blob", "queue_fails", "blob_fails"}


@pytest.mark.parametrize("name", QUEUE)
def test_a_message(probe: Probe, name: str) -> None:
    case = QUEUE[name]
    assert outcome(probe, name) == case["outcome"]
    poison = probe.messages("probe-in-poison")
    assert [text for text in poison if text == case["sent"]] == case["poison"]
    # The other cases' notes are in the queue, too: "empty" and "base64 of nothing" are the same message.
    same = [other for other in QUEUE.values() if other["got"] and other["got"] == case["got"]]

    def got() -> list[dict[str, Any]]:
        found = [note for note in probe.notes() if note["kind"] == "queue"]
        return [
            {"hex": note["hex"], "tries": note["tries"]}
            for note in found
            if case["got"] and note["hex"] == case["got"][0]["hex"]
        ]

    wait_until(lambda: len(got()) >= len(same), what="the function's notes")
    assert got() == case["got"] * len(same)


def test_tries_of_a_message_are_spaced(probe: Probe) -> None:
    """Visibility timeout 5 s, maximum pause between looks 1 s."""
    recorded = RECORDED["queue_fails"]
    wait_until(lambda: probe.messages("probe-fails-poison"), 30, "the poison message")
    assert probe.messages("probe-fails-poison") == recorded["poison"]
    tries = probe.printed("queue_fails")
    assert [found["tries"] for found in tries] == [1, 2, 3]
    pauses = [later["at"] - found["at"] for found, later in pairwise(tries)]
    assert len(pauses) + 1 == len(recorded["seconds_of_the_tries"])
    assert all(4.9 <= pause < 9 for pause in pauses), pauses


@pytest.mark.parametrize("name", BLOBS)
def test_a_blob(probe: Probe, name: str) -> None:
    (expected,) = BLOBS[name]["notes"]

    def got() -> list[dict[str, Any]]:
        found = [note for note in probe.notes() if note["kind"] == "blob"]
        return [{key: note[key] for key in expected} for note in found if note["name"] == expected["name"]]

    assert wait_until(got, what="the function's note") == [expected]


def test_patterns(probe: Probe) -> None:
    expected = sorted(name for found in PATTERNS.values() for name in found)

    def got() -> list[str]:
        return sorted(note["name"] for note in probe.notes() if note["kind"] == "pattern")

    wait_until(lambda: len(got()) >= len(expected), what="the blobs that match")
    probe.upload("probe-pattern", "later/later.csv", b"")  # what is listed before it has been looked at
    wait_until(lambda: "probe-pattern/later/later.csv" in got(), what="the blob after them")
    assert [name for name in got() if "/later/" not in name] == expected


def test_tries_of_a_blob_are_not_spaced(probe: Probe) -> None:
    recorded = RECORDED["blob_fails"]
    wait_until(lambda: probe.messages("webjobs-blobtrigger-poison"), what="the poison message")
    found = [json.loads(base64.b64decode(text)) for text in probe.messages("webjobs-blobtrigger-poison")]
    reported = [{**message, "ETag": re.sub(r"0x\w+", "0x…", message["ETag"])} for message in found]
    assert reported == recorded["poison"]
    tries = [found["at"] for found in probe.printed("blob_fails")]
    assert len(tries) == len(recorded["seconds_of_the_tries"])
    # Far below host.json's visibilityTimeout of 5 s, on a busy machine too.
    assert tries[-1] - tries[0] < 3
