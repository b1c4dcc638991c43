"""Output bindings on a real Azurite."""

from types import SimpleNamespace

import pytest

from devhost.app_settings import HOST_CONNECTION
from devhost.host_config import HostConfig
from devhost.outputs import Outputs, _fill
from tests.support.running_app import RunningAzurite


def test_whoever_reads_a_queue_here_is_told_what_was_put_into_it(
    azurite: RunningAzurite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOST_CONNECTION, azurite.connection_string)
    outputs, woken = Outputs(HostConfig()), []
    outputs.watch("watched", lambda: woken.append(azurite.queues.get_queue_client("watched").peek_messages()))
    outputs._send(HOST_CONNECTION, "another", SimpleNamespace(type="string", value="a"))
    assert woken == []
    outputs._send(HOST_CONNECTION, "watched", SimpleNamespace(type="json", value='["a", "b"]'))
    # The message is there by the time its reader looks.
    assert [len(found) for found in woken] == [1, 1]


def test_placeholders_are_looked_up_without_regard_to_case() -> None:
    assert _fill("copies/{NAME}/{blobtrigger}", {"name": "a", "BlobTrigger": "in/a"}) == "copies/a/in/a"
