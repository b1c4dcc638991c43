"""DCL001: a later part of the data begins before an earlier one has ended."""

from __future__ import annotations

import itertools

import polars as pl

from training.probes.evidence import Evidence
from training.probes.result import ProbeResult

CODE = "DCL001"
_PARTS = ("train", "validation", "test")


def probe(evidence: Evidence) -> ProbeResult:
    """Count the days on or before which another, earlier part still has rows.

    Dates are taken from the rows themselves, not from the plan they were divided by.
    """
    spans = evidence.rows.group_by("period", "split").agg(
        pl.col("date").min().alias("first"), pl.col("date").max().alias("last")
    )
    overlaps = []
    for _, of_period in spans.group_by("period"):
        found = {row["split"]: row for row in of_period.iter_rows(named=True)}
        present = [(name, found[name]) for name in _PARTS if name in found]
        for (name, earlier), (next_name, later) in itertools.combinations(present, 2):
            days = (earlier["last"] - later["first"]).days + 1
            overlaps.append(
                (days, f"{next_name} starts on {later['first']}, {name} ends on {earlier['last']}")
            )
    worst, where = max(overlaps, default=(0, "only one part has rows"))
    fired = worst > 0
    message = (
        f"{worst} days overlap: {where}" if fired else f"no part begins before an earlier one ends; {where}"
    )
    return ProbeResult(CODE, fired, float(max(worst, 0)), 0.0, message)
