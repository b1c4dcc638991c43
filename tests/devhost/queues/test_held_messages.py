"""Messages of workers that died, and of a devhost that died."""

import base64
import os
import signal
import time
from pathlib import Path

import pytest
from azure.core.exceptions import HttpResponseError

from devhost.app_settings import HOST_CONNECTION
from devhost.queues.held_messages import HeldMessage, Ledger, Notes, release
from tests.conftest import RunApp
from tests.devhost.conftest import EVERY_TRIGGER, Calls, own_settings
from tests.support.running_app import RunningAzurite
from tests.support.waiting import wait_until

ONE = HeldMessage("Storage", "queue", "1", "receipt", 0.0)
TWO = HeldMessage("Storage", "queue", "2", "receipt", 30.0)


def test_a_ledger_knows_what_was_held_when_the_worker_died() -> None:
    read, write = os.pipe()
    ledger, notes = Ledger(read), Notes(write)
    notes.write(ONE)
    notes.write(TWO)
    ledger.read()
    renewed = HeldMessage("Storage", "queue", "1", "another receipt", 0.0)
    notes.write(renewed)
    notes.write(HeldMessage("Storage", "queue", "2", "", 0.0))
    os.write(write, b'{"connection": "Stor')  # it died while it wrote
    os.close(write)
    assert ledger.close() == [renewed]


def test_a_worker_goes_on_without_its_supervisor() -> None:
    read, write = os.pipe()
    os.close(read)
    Notes(write).write(ONE)
    os.close(write)


def test_only_what_is_still_held_is_given_back(
    azurite: RunningAzurite, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(HOST_CONNECTION, azurite.connection_string)
    queue = azurite.queues.create_queue("given-back")
    for number in range(3):
        queue.send_message(f"{number}")
    done, renewed, held = queue.receive_messages(visibility_timeout=600)
    messages = [
        HeldMessage(HOST_CONNECTION, "given-back", item.id, str(item.pop_receipt), 0.0)
        for item in (done, renewed, held)
    ]
    queue.delete_message(done)
    queue.update_message(renewed, visibility_timeout=600)
    release(messages)
    assert [item.content for item in queue.receive_messages(visibility_timeout=600)] == ["2"]
    assert capsys.readouterr().out == f"devhost: message {held.id} of given-back comes again at once\n"
    with pytest.raises(HttpResponseError):
        queue.delete_message(held)  # the dead worker's receipt is worth nothing


def test_a_queue_message_of_a_dead_worker_waits_out_its_visibility_timeout(
    run_app: RunApp, azurite: RunningAzurite, tmp_path: Path
) -> None:
    """The lease is ten minutes: it is the supervisor that gives the message back."""
    marker = tmp_path / "marker"
    settings = own_settings("dead") | {
        "AzureFunctionsJobHost__extensions__queues__visibilityTimeout": "00:00:03"
    }
    with run_app(EVERY_TRIGGER, settings=settings) as running:
        body = f"sleep {marker}"
        queue = azurite.queues.get_queue_client("dead-orders")
        queue.send_message(base64.b64encode(body.encode()).decode())
        wait_until(lambda: marker.exists() and marker.read_text(), what="the first try")
        os.kill(int(marker.read_text()), signal.SIGKILL)
        killed = time.monotonic()
        running.wait_for(r"message \S+ of dead-orders comes again in 3 s")
        calls = Calls(azurite, "dead-calls")
        wait_until(lambda: calls.of("on_order", body=body), what="the second try")
        assert time.monotonic() - killed >= 2.9
        assert [call["dequeue_count"] for call in calls.settled("on_order", 1, body=body)] == [2]


def test_a_message_of_a_dead_host_waits_for_its_lease(
    run_app: RunApp, azurite: RunningAzurite, tmp_path: Path
) -> None:
    marker = tmp_path / "marker"
    settings = own_settings("gone")
    options = ("--no-azurite", "--message-lease", "8")
    with run_app(EVERY_TRIGGER, settings=settings, options=options) as running:
        azurite.blobs.get_blob_client("gone-incoming", "slow.csv").upload_blob(f"sleep {marker}".encode())
        wait_until(lambda: marker.exists() and marker.read_text(), what="the first try")
        began = time.monotonic()
        os.killpg(running.process.pid, signal.SIGKILL)
        running.process.wait()
    with run_app(EVERY_TRIGGER, settings=settings, options=options) as running:
        calls = Calls(azurite, "gone-calls")
        wait_until(lambda: calls.of("on_client"), 30, "the second try")
        assert time.monotonic() - began >= 7
        assert "comes again" not in running.output


def test_a_blob_whose_function_took_too_long_comes_again_at_once(
    run_app: RunApp, azurite: RunningAzurite, tmp_path: Path
) -> None:
    """And the death is the host's own doing: it does not count."""
    settings = own_settings("slow") | {"AzureFunctionsJobHost__functionTimeout": "00:00:02"}
    options = ("--no-azurite", "--worker-deaths", "1")
    with run_app(EVERY_TRIGGER, settings=settings, options=options) as running:
        marker = tmp_path / "marker"
        azurite.blobs.get_blob_client("slow-incoming", "slow.csv").upload_blob(f"sleep {marker}".encode())
        running.wait_for(r"worker w0 died \(exit code 70\)")
        running.wait_for("of webjobs-blobtrigger-slow-host comes again at once")
        assert len(Calls(azurite, "slow-calls").settled("on_client", 1)) == 1
        assert running.process.poll() is None
