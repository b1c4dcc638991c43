"""Queue triggers on a real Azurite."""

import base64
import contextlib

import pytest
from azure.core.exceptions import ResourceNotFoundError

from devhost.queues import trigger
from tests.devhost.conftest import Calls
from tests.support.running_app import RunningApp, RunningAzurite
from tests.support.waiting import wait_until


def send(azurite: RunningAzurite, body: str) -> None:
    azurite.queues.get_queue_client("orders").send_message(base64.b64encode(body.encode()).decode())


def peek(azurite: RunningAzurite, queue: str) -> list[str]:
    with contextlib.suppress(ResourceNotFoundError):
        return [item.content for item in azurite.queues.get_queue_client(queue).peek_messages(32)]
    return []


def test_a_message_is_handled_once_and_its_output_sent(
    app: RunningApp, azurite: RunningAzurite, calls: Calls
) -> None:
    send(azurite, "ünits: 3")
    (call,) = calls.settled("on_order", 1, body="ünits: 3")
    assert call["dequeue_count"] == 1
    assert base64.b64encode("done: ünits: 3".encode()).decode() in peek(azurite, "replies")


def test_a_failed_message_is_tried_again(app: RunningApp, azurite: RunningAzurite, calls: Calls) -> None:
    send(azurite, "second try")
    reported = calls.settled("on_order", 2, body="second try")
    assert [call["dequeue_count"] for call in reported] == [1, 2]
    assert len({call["id"] for call in reported}) == 1


def test_what_keeps_failing_is_poison(app: RunningApp, azurite: RunningAzurite, calls: Calls) -> None:
    send(azurite, "poison")
    encoded = base64.b64encode(b"poison").decode()
    wait_until(lambda: encoded in peek(azurite, "orders-poison"), what="the poison message")
    assert len(calls.settled("on_order", 3, body="poison")) == 3  # maxDequeueCount of its host.json
    assert peek(azurite, "orders") == []


def test_what_cannot_be_decoded_is_poison_and_said(app: RunningApp, azurite: RunningAzurite) -> None:
    azurite.queues.get_queue_client("orders").send_message("not base64!")
    wait_until(lambda: "not base64!" in peek(azurite, "orders-poison"), what="the poison message")
    assert "extensions.queues.messageEncoding" in app.output


@pytest.mark.parametrize("content", ["%%%", "abc", "YQ=", "YQ===", "YWJj=", "=", "_-8=", "é", "YQ==YQ=="])
def test_decoding_refuses(content: str) -> None:
    with pytest.raises(ValueError, match="messageEncoding"):
        trigger.decode(content, is_base64=True)


@pytest.mark.parametrize(
    ("content", "expected"), [("", b""), (" Y\tQ\r=\n= ", b"a"), ("abcd", b"\x69\xb7\x1d")]
)
def test_decoding_takes_what_net_takes(content: str, expected: bytes) -> None:
    assert trigger.decode(content, is_base64=True) == expected


def test_decoding_leaves_plain_text_alone() -> None:
    assert trigger.decode("%%%", is_base64=False) == b"%%%"
