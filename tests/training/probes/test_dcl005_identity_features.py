from __future__ import annotations

from dataclasses import replace

import polars as pl

from training.probes.dcl005_identity_features import probe
from training.probes.evidence import Evidence


def test_a_fleet_whose_identity_says_little_passes(honest: Evidence) -> None:
    found = probe(honest)
    assert (found.code, found.fired) == ("DCL005", False)
    assert found.measured < found.limit
    assert "date, capacity_bytes, smart_9_raw, model" in found.explanation


def test_a_capacity_that_only_failing_drives_have_is_found(honest: Evidence) -> None:
    fails = (pl.col("days_to_failure").is_not_null()).any().over("serial_number")
    telling = honest.rows.with_columns(pl.when(fails).then(1).otherwise(2).alias("capacity_bytes"))
    found = probe(replace(honest, rows=telling))
    assert found.fired
    assert found.measured > found.limit


def test_what_the_telemetry_lacks_is_left_out(honest: Evidence) -> None:
    found = probe(replace(honest, rows=honest.rows.drop("capacity_bytes", "smart_9_raw")))
    assert "trees on date, model alone" in found.explanation
    empty = honest.rows.with_columns(capacity_bytes=pl.lit(None, dtype=pl.Int64))
    assert "trees on date, smart_9_raw, model alone" in probe(replace(honest, rows=empty)).explanation
