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

_NOT_ZERO = 1 << 128 | 1
"""Neither span nor trace may be all zeros."""


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
    drawn = f"{getrandbits(192) | _NOT_ZERO:048x}"
    span, trace, flags = drawn[:16], drawn[16:], "00"
    known = _TRACEPARENT.fullmatch(traceparent) if traceparent else None
    if known:
        trace, flags = known.groups()[:2]
    if not (request_id and _REQUEST_ID.fullmatch(request_id)):
        request_id = trace
    return request_id, f"00-{trace}-{span}-{flags}"
