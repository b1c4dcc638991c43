"""Names of a request: ``x-request-id`` and the W3C trace context, taken over from the caller or made here."""

from __future__ import annotations

import re
from random import getrandbits

REQUEST_ID = "x-request-id"
TRACEPARENT = "traceparent"

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:@/+=-]{1,128}")
"""Accepted from a caller: nothing that could break a log line or a header."""

_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(-.*)?"
)

_NOT_ZERO = 1 << 128 | 1
"""Neither span nor trace may be all zeros."""


def names_of(request_id: str, traceparent: str) -> tuple[str, str]:
    """Return the request's id and the trace context of the answer.

    A caller's id and trace are kept, the trace with a span of our own; else the id is the trace's and the
    trace a new one, not sampled. A malformed name counts as absent (empty), as W3C's recommendation has it.
    """
    drawn = f"{getrandbits(192) | _NOT_ZERO:048x}"
    span, trace, flags = drawn[:16], drawn[16:], "00"
    known = _TRACEPARENT.fullmatch(traceparent) if traceparent else None
    if known:
        trace, flags = known.groups()[:2]
    if not (request_id and _REQUEST_ID.fullmatch(request_id)):
        request_id = trace
    return request_id, f"00-{trace}-{span}-{flags}"
