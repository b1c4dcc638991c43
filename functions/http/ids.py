"""Names of a request: ``x-request-id`` and the W3C trace context, taken over from the caller or made here."""

from __future__ import annotations

import re
from random import getrandbits

REQUEST_ID = "x-request-id"
TRACEPARENT = "traceparent"

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:@/+=-]{1,128}")
"""What is taken over from a caller: nothing that could break a log line or a header."""

_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(-.*)?"
)


def names_of(request_id: str, traceparent: str) -> tuple[str, str]:
    """Return the request's id and the trace context of the answer.

    Parameters
    ----------
    request_id, traceparent : str
        As received; empty when absent. What is malformed counts as absent, as W3C's recommendation has it.

    Returns
    -------
    request_id : str
        The caller's; else the trace's.
    traceparent : str
        The caller's trace with a span of our own; else a new trace, not sampled.
    """
    span = f"{getrandbits(64) | 1:016x}"
    known = _TRACEPARENT.fullmatch(traceparent) if traceparent else None
    trace, flags = known.groups()[:2] if known else (f"{getrandbits(128) | 1:032x}", "00")
    if not (request_id and _REQUEST_ID.fullmatch(request_id)):
        request_id = trace
    return request_id, f"00-{trace}-{span}-{flags}"
