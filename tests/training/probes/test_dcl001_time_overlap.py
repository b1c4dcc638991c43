from __future__ import annotations

import datetime as dt
import re

import polars as pl

from tests.training.probes.small_evaluation import relabelled
from training.probes.dcl001_time_overlap import probe
from training.probes.evidence import Evidence


def test_parts_that_follow_each_other_pass(honest: Evidence) -> None:
    found = probe(honest)
    assert (found.code, found.fired, found.measured) == ("DCL001", False, 0.0)


def test_training_rows_of_the_tests_first_days_are_found(honest: Evidence) -> None:
    start = honest.test["date"].min()
    assert isinstance(start, dt.date)
    late = (pl.col("date") == start + dt.timedelta(days=2)) & (pl.col("serial_number") == "D0299")
    found = probe(relabelled(honest, "train", late))
    assert found.fired
    assert found.measured >= 3  # of the test's days, and validation is overrun as a whole
    assert re.search(rf"\btrain .*{start + dt.timedelta(days=2)}", found.explanation)


def test_one_shared_day_is_enough(honest: Evidence) -> None:
    start = honest.rows.filter(pl.col("split") == "validation")["date"].min()
    found = probe(
        relabelled(honest, "train", (pl.col("date") == start) & (pl.col("serial_number") == "D0299"))
    )
    assert (found.fired, found.measured) == (True, 1.0)
