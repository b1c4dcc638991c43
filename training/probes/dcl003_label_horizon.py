"""DCL003: a label was made from days that belong to a later part, or that nobody has seen yet."""

from __future__ import annotations

import itertools

import polars as pl

from training.probes.evidence import Evidence
from training.probes.result import ProbeResult

CODE = "DCL003"
_PARTS = ("train", "validation", "test")


def probe(evidence: Evidence) -> ProbeResult:
    """Count rows whose label, which looks a horizon ahead, reaches the next part or past the telemetry."""
    starts = {
        (period, split): first
        for period, split, first in evidence.rows.group_by("period", "split").agg(pl.col("date").min()).rows()
    }
    reaches = pl.col("date") + pl.duration(days=evidence.horizon_days)
    beyond = []
    for period, end in evidence.telemetry_ends.items():
        mine = evidence.rows.filter(pl.col("period") == period)
        past = mine.filter(pl.col("split") != "unused", reaches > end).height
        beyond.append((past, f"look past the last day of telemetry, {end}"))
        parts = [name for name in _PARTS if (period, name) in starts]
        for name, later in itertools.pairwise(parts):
            cut = starts[period, later]
            rows = mine.filter(pl.col("split") == name, reaches >= cut).height
            beyond.append((rows, f"of {name} look into {later}, which starts on {cut}"))
    cuts = [first for (_, split), first in starts.items() if split in ("validation", "test")]
    for other in evidence.also_trained_on:
        rows = other.filter(reaches >= min(cuts)).height if cuts else 0
        beyond.append((rows, f"of another fleet look beyond {min(cuts, default=None)}, the end of train"))
    total = sum(rows for rows, _ in beyond)
    found = "; ".join(f"{rows:,} labels {where}" for rows, where in beyond if rows)
    message = found or f"no label looks beyond its part's embargo of {evidence.horizon_days} days"
    return ProbeResult(CODE, total > 0, float(total), 0.0, message)
