"""The clock of this machine against that of the storage service."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from ops.app.target import Target
from ops.doctor.check import Finding, failure, ok

LIMIT = 300.0
"""Seconds. Tokens of Entra ID tolerate five minutes, requests signed with an account key fifteen."""


def check_clock(target: Target) -> Finding:
    """Compare with the date of the service's answer; what it answers does not matter, so nobody signs in."""
    with httpx.Client(timeout=20.0) as http:
        answer = http.get(target.blobs.url)
    try:
        theirs = parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError):
        return failure(
            "the storage service's answer has no date", "look whether a proxy answers in its place"
        )
    return compare(datetime.now(UTC), theirs)


def compare(ours: datetime, theirs: datetime) -> Finding:
    """Judge the difference of two moments, in UTC."""
    skew = (ours - theirs).total_seconds()
    if abs(skew) > LIMIT:
        return failure(
            f"this machine's clock is {abs(skew):.0f} s {'ahead' if skew > 0 else 'behind'}",
            "set it by NTP; signed requests are refused",
        )
    return ok(f"{abs(skew):.0f} s apart")
