from __future__ import annotations

import socket

import pytest

from collector.sending import http_exchange
from collector.sending.http_exchange import Outgoing, UnreachableError, exchange, place_of
from tests.support.running_app import free_ports
from tests.support.scripted_receiver import DRIP, HANG, RESET, Scripted, ScriptedReceiver, seconds_of


def to(receiver: ScriptedReceiver, path: str = "/x") -> Outgoing:
    return Outgoing("PUT", receiver.url + path, {"X-Secret": "s"}, b"body")


def test_request_and_reply(receiver: ScriptedReceiver) -> None:
    receiver.script = [Scripted(201, b"made", {"X-Name": "v"})]
    reply = exchange(to(receiver), 10)
    assert (reply.status, reply.body, reply.headers["x-name"], reply.taken) == (201, b"made", "v", True)
    [request] = receiver.received
    assert (request.method, request.path, request.body) == ("PUT", "/x", b"body")
    assert request.headers["content-length"] == "4"


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503])
def test_a_refusal_is_a_reply(receiver: ScriptedReceiver, status: int) -> None:
    receiver.script = [Scripted(status, b"why")]
    reply = exchange(to(receiver), 10)
    assert (reply.status, reply.body, reply.taken) == (status, b"why", False)


def test_a_redirect_is_not_followed(receiver: ScriptedReceiver) -> None:
    """A key is for the address that was given."""
    receiver.script = [Scripted(302, b"", {"Location": receiver.url + "/elsewhere"})]
    assert exchange(to(receiver), 10).status == 302
    assert len(receiver.received) == 1


@pytest.mark.parametrize("how", [HANG, DRIP])
def test_a_reply_that_does_not_end(receiver: ScriptedReceiver, how: str) -> None:
    receiver.script = [how]
    with pytest.raises(UnreachableError):
        assert seconds_of(lambda: exchange(to(receiver), 0.5)) < 5


def test_a_connection_that_is_closed(receiver: ScriptedReceiver) -> None:
    receiver.script = [RESET]
    with pytest.raises(UnreachableError):
        exchange(to(receiver), 10)


def test_nobody_listens() -> None:
    [port] = free_ports(1)
    with pytest.raises(UnreachableError, match="refused"):
        exchange(Outgoing("GET", f"http://127.0.0.1:{port}/", {}), 10)


def test_a_name_that_does_not_exist() -> None:
    with pytest.raises(UnreachableError):
        exchange(Outgoing("GET", "http://no-such-host.invalid/", {}), 10)


def test_what_is_no_http() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        server.settimeout(5)

        def answer() -> None:
            connection, _ = server.accept()
            connection.recv(1000)
            connection.sendall(b"SSH-2.0-OpenSSH\r\n\r\n")
            connection.close()

        import threading

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(UnreachableError):
            exchange(Outgoing("GET", address, {}), 10)


def test_a_reply_that_is_too_large(receiver: ScriptedReceiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_exchange, "REPLY_LIMIT", 1000)
    receiver.script = [Scripted(200, b"x" * 200_000)]
    with pytest.raises(UnreachableError, match="1000"):
        exchange(to(receiver), 10)


def test_an_address_in_a_message_has_no_secret() -> None:
    assert place_of("https://user:pw@h.example:8443/p/q?sig=SECRET#x") == "https://h.example:8443/p/q"
