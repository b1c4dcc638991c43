"""From the spool to a receiver: oldest first, tried again, and judged by the receiver's status."""

from __future__ import annotations

from typing import Callable, NamedTuple

from collector.errors import ConfigurationError
from collector.exit_codes import REFUSED, SPOOLED, ExitCode
from collector.sending.http_exchange import Outgoing, Reply, UnreachableError, place_of
from collector.sending.parcel import Parcel
from collector.sending.patient_exchange import NotNowError, patient_exchange
from collector.sending.retries import RetryBudget
from collector.sending.spool import Spool

ACCESS = frozenset({301, 302, 303, 307, 308, 401, 403, 404, 405, 407})
"""Statuses that are about key, role or address: what they refuse is kept for when that is mended."""

TRIES = 3
"""Parcels over which a receiver may fail before it is left alone until the next run."""


class Receiver(NamedTuple):
    """One receiver.

    Attributes
    ----------
    kinds : set of str
        Kinds of parcels that it takes.
    request : callable
        Makes the request of a parcel.
    answered : callable
        Is handed each parcel that was taken, and the reply.
    why : callable
        Returns the reason in a refusal's reply, in words.
    advice : str
        What to do where access is refused.
    """

    kinds: set[str]
    request: Callable[[Parcel], Outgoing]
    answered: Callable[[Parcel, Reply], None]
    why: Callable[[Reply], str]
    advice: str


class Delivered(NamedTuple):
    """The outcome of a delivery: parcels taken, the exit codes it asks for, lines for the person."""

    taken: int
    codes: set[ExitCode]
    lines: list[str]


def deliver(spool: Spool, receiver: Receiver, patience: RetryBudget, seconds: float) -> Delivered:
    """Send what waits for a receiver; *seconds* are those of one request.

    What was taken is removed. Where nobody answers the rest is left to the next run; where the receiver
    fails, it may be over one parcel, so `TRIES` of them are tried before that.
    """
    done = Delivered(0, set(), [])
    count = failed = 0
    for path, parcel in spool.waiting():
        if parcel.kind not in receiver.kinds:
            continue
        try:
            outgoing = receiver.request(parcel)
        except ConfigurationError as error:  # of a token
            done.codes.add(REFUSED)
            done.lines.append(f"{error}; kept for the next run")
            break
        place = place_of(outgoing.url)
        try:
            reply = patient_exchange(outgoing, patience, seconds)
        except UnreachableError as error:
            done.codes.add(SPOOLED)
            done.lines.append(f"{place}: {error}; {parcel.name} is kept for the next run")
            failed += 1
            if failed == TRIES or not isinstance(error, NotNowError):
                break
            continue
        if reply.taken:
            receiver.answered(parcel, reply)
            count += 1
            spool.remove(path, parcel)
            continue
        done.codes.add(REFUSED)
        refusal = f"{place}: refused with status {reply.status} ({receiver.why(reply)})"
        if reply.status in ACCESS:
            done.lines.append(f"{refusal}; kept; {receiver.advice}")
            break
        done.lines.append(f"{refusal}; {parcel.name} was given up")
        spool.remove(path, parcel)
    return done._replace(taken=count)
