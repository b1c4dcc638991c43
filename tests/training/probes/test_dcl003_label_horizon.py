from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import polars as pl

from tests.training.probes.small_evaluation import HORIZON, relabelled
from training.probes.dcl003_label_horizon import probe
from training.probes.evidence import Evidence


def test_labels_that_end_in_the_embargo_pass(honest: Evidence) -> None:
    found = probe(honest)
    assert (found.code, found.fired, found.measured) == ("DCL003", False, 0.0)
    assert " 10 days" in found.explanation


def test_training_rows_from_the_embargo_are_found(honest: Evidence) -> None:
    end = honest.train["date"].max()
    assert isinstance(end, dt.date)
    embargo = pl.col("date") == end + dt.timedelta(days=1)
    found = probe(relabelled(honest, "train", embargo))
    assert found.fired
    assert found.measured == honest.rows.filter(embargo).height
    assert re.search(r"\btrain .*\bvalidation\b", found.explanation)


def test_labels_past_the_end_of_the_telemetry_are_found(honest: Evidence) -> None:
    early = {period: end - dt.timedelta(days=1) for period, end in honest.telemetry_ends.items()}
    found = probe(replace(honest, telemetry_ends=early))
    assert found.fired
    assert any(str(end) in found.explanation for end in early.values())


def test_another_fleets_labels_that_look_beyond_the_end_of_train_are_found(honest: Evidence) -> None:
    cut = honest.rows.filter(pl.col("split") == "validation")["date"].min()
    assert isinstance(cut, dt.date)
    days = [cut - dt.timedelta(days=HORIZON + 1), cut - dt.timedelta(days=HORIZON)]
    other = pl.DataFrame({"serial_number": ["X", "X"], "date": days})
    assert not probe(replace(honest, also_trained_on=[other.head(1)])).fired
    found = probe(replace(honest, also_trained_on=[other]))
    assert (found.fired, found.measured) == (True, 1.0)
    assert re.search(r"^1 labels .*\d{4}-\d\d-\d\d", found.explanation)
