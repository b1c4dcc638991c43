"""A request that is tried again until its reply counts, or patience ends."""

from __future__ import annotations

from collector.sending.http_exchange import Outgoing, Reply, UnreachableError, exchange
from collector.sending.retries import LATER, RetryBudget, seconds_asked


class NotNowError(UnreachableError):
    """The receiver answers, and asks to come later."""


def patient_exchange(outgoing: Outgoing, patience: RetryBudget, seconds: float) -> Reply:
    """Return the reply to a request; *seconds* are those of one attempt.

    Raises
    ------
    UnreachableError
        There was none; NotNowError where the last one asks to come later.
    """
    failures = 0
    while True:
        asked = None
        try:
            reply = exchange(outgoing, seconds)
        except UnreachableError as error:
            problem = UnreachableError(f"no answer ({error})")
        else:
            if reply.status not in LATER:
                return reply
            problem = NotNowError(f"not now (status {reply.status})")
            asked = seconds_asked(reply.headers)
        failures += 1
        if not patience.wait(failures, asked):
            tried = "once" if failures == 1 else f"{failures} times"
            raise type(problem)(f"{problem}, tried {tried}")
