from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import polars as pl
import pytest

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
    assert " date, model " in found.explanation
    empty = honest.rows.with_columns(capacity_bytes=pl.lit(None, dtype=pl.Int64))
    assert " date, smart_9_raw, model " in probe(replace(honest, rows=empty)).explanation


def identity_over_both(mixture: Evidence) -> tuple[float, float]:
    """Average precision of identity and of the baseline over both fleets at once."""
    at_once = mixture.rows.with_columns(pl.lit(0, dtype=pl.Int16).alias("period"))
    found = probe(replace(mixture, rows=at_once))
    return found.measured, found.limit


def test_two_fleets_that_fail_at_different_rates_are_looked_at_one_by_one(mixture: Evidence) -> None:
    found = probe(mixture)
    assert not found.fired
    assert found.measured < found.limit
    assert re.search(r", [a-z ]+ \d{4}-\d\d-\d\d;", found.explanation)


def test_over_both_fleets_at_once_telling_them_apart_would_count_as_a_forecast(mixture: Evidence) -> None:
    """Why the periods are looked at one by one: the same rows, the same recipe, more than in any of them."""
    together, _ = identity_over_both(mixture)
    assert together > 1.3 * mixture_prevalence(mixture)


def mixture_prevalence(mixture: Evidence) -> float:
    drives = mixture.test.group_by("serial_number").agg(pl.col("label").max())
    return float(drives["label"].to_numpy().mean())


@pytest.mark.parametrize("period", [0, 1])
def test_a_telling_capacity_in_one_of_two_fleets_is_found(mixture: Evidence, period: int) -> None:
    fails = (pl.col("days_to_failure").is_not_null()).any().over("period", "serial_number")
    telling = (
        pl.when((pl.col("period") == period) & fails)
        .then(1)
        .otherwise("capacity_bytes")
        .alias("capacity_bytes")
    )
    found = probe(replace(mixture, rows=mixture.rows.with_columns(telling)))
    assert found.fired
    first = mixture.rows.filter(pl.col("period") == period, pl.col("split") == "train")["date"].min()
    assert isinstance(first, dt.date)
    assert str(first) in found.explanation
