from __future__ import annotations

from pathlib import Path

import pytest

from collector.errors import ConfigurationError
from collector.exit_codes import REFUSED, SPOOLED
from collector.sending.delivery import Delivered, Receiver, deliver
from collector.sending.http_exchange import Outgoing, Reply
from collector.sending.parcel import BATCH, BLOB, Parcel
from collector.sending.retries import RetryBudget
from collector.sending.spool import Spool
from tests.support.scripted_receiver import HANG, RESET, Behaviour, Scripted, ScriptedReceiver

SLEPT: list[float] = []


def sent(spool: Spool, receiver: ScriptedReceiver, attempts: int = 3) -> Delivered:
    def request(parcel: Parcel) -> Outgoing:
        return Outgoing("PUT", f"{receiver.url}/{parcel.name}?sig=SECRET", {}, parcel.body)

    to = Receiver({BLOB}, request, lambda _parcel, _reply: None, lambda reply: reply.body.decode(), "mend it")
    SLEPT.clear()
    return deliver(spool, to, RetryBudget(attempts, 10_000, SLEPT.append), 1.0)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """A spool with three blobs and a parcel for somebody else."""
    spool = Spool(tmp_path, 10**6)
    for name in "abc":
        spool.add(Parcel(BLOB, name, name.encode()))
    spool.add(Parcel(BATCH, "d", b"d"))
    return spool


def names(spool: Spool) -> list[str]:
    return [parcel.name for _, parcel in spool.waiting()]


def test_everything_arrives_oldest_first(spool: Spool, receiver: ScriptedReceiver) -> None:
    done = sent(spool, receiver)
    assert (done.taken, done.codes, done.lines) == (3, set(), [])
    assert [request.path[:2] for request in receiver.received] == ["/a", "/b", "/c"]
    assert names(spool) == ["d"]


@pytest.mark.parametrize("trouble", [Scripted(500), Scripted(503), Scripted(429), RESET, HANG])
def test_trouble_that_passes(spool: Spool, receiver: ScriptedReceiver, trouble: Behaviour) -> None:
    receiver.script = [trouble, trouble]
    done = sent(spool, receiver)
    assert (done.taken, done.codes) == (3, set())
    assert len(SLEPT) == 2
    assert len(receiver.received) == 5


def test_the_receiver_says_when(spool: Spool, receiver: ScriptedReceiver) -> None:
    receiver.script = [Scripted(503, b"", {"Retry-After": "17"})]
    sent(spool, receiver)
    assert 17 <= SLEPT[0] < 18


@pytest.mark.parametrize("trouble", [RESET, HANG])
def test_nobody_answers_and_everything_is_kept(
    spool: Spool, receiver: ScriptedReceiver, trouble: Behaviour
) -> None:
    receiver.then = trouble
    done = sent(spool, receiver)
    assert (done.taken, done.codes, len(done.lines)) == (0, {SPOOLED}, 1)
    assert names(spool) == ["a", "b", "c", "d"]
    receiver.then = Scripted()
    assert sent(spool, receiver).taken == 3  # it came back


def test_one_parcel_over_which_the_receiver_fails_does_not_hold_the_others(
    spool: Spool, receiver: ScriptedReceiver
) -> None:
    receiver.then = lambda request: Scripted(500 if request.path.startswith("/a") else 201)
    done = sent(spool, receiver)
    assert (done.taken, done.codes) == (2, {SPOOLED})
    assert names(spool) == ["a", "d"]


def test_a_receiver_that_fails_over_everything_is_left_alone(
    tmp_path: Path, receiver: ScriptedReceiver
) -> None:
    spool = Spool(tmp_path, 10**6)
    for number in range(10):
        spool.add(Parcel(BLOB, str(number), b""))
    receiver.then = Scripted(503)
    done = sent(spool, receiver, attempts=2)
    assert (done.taken, done.codes, len(done.lines)) == (0, {SPOOLED}, 3)
    assert len(receiver.received) == 6
    assert len(spool) == 10


@pytest.mark.parametrize("status", [302, 401, 403, 404, 405])
def test_a_key_that_does_not_suffice(spool: Spool, receiver: ScriptedReceiver, status: int) -> None:
    receiver.then = Scripted(status, b"expired")
    done = sent(spool, receiver)
    assert (done.taken, done.codes) == (0, {REFUSED})
    [line] = done.lines
    assert str(status) in line
    assert "expired" in line
    assert "mend it" in line
    assert len(receiver.received) == 1
    assert names(spool) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("status", [400, 411, 413, 415, 422])
def test_a_content_that_is_not_taken(spool: Spool, receiver: ScriptedReceiver, status: int) -> None:
    receiver.script = [Scripted(), Scripted(status, b"too odd")]
    done = sent(spool, receiver)
    assert (done.taken, done.codes, len(done.lines)) == (2, {REFUSED}, 1)
    assert names(spool) == ["d"]


def test_no_line_shows_a_secret(spool: Spool, receiver: ScriptedReceiver) -> None:
    for behaviour in (Scripted(403), Scripted(422), Scripted(500), RESET):
        receiver.then = behaviour
        assert not [line for line in sent(spool, receiver, attempts=1).lines if "SECRET" in line]
        spool.add(Parcel(BLOB, "a", b"a"))


def test_no_token(spool: Spool) -> None:
    def request(_parcel: Parcel) -> Outgoing:
        raise ConfigurationError("nobody is signed in")

    def answered(_parcel: Parcel, _reply: Reply) -> None:
        raise AssertionError

    done = deliver(spool, Receiver({BLOB}, request, answered, str, ""), RetryBudget(1, 1), 1)
    assert (done.taken, done.codes) == (0, {REFUSED})
    assert len(spool) == 4
