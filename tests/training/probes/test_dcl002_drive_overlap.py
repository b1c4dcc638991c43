from __future__ import annotations

from dataclasses import replace

import polars as pl

from tests.training.probes.small_evaluation import relabelled
from training.probes.dcl002_drive_overlap import probe
from training.probes.evidence import Evidence


def test_drives_kept_apart_pass(honest: Evidence) -> None:
    assert honest.rows.filter("held_out").height
    found = probe(honest)
    assert (found.code, found.fired, found.measured) == ("DCL002", False, 0.0)


def test_held_out_drives_in_validation_are_found(honest: Evidence) -> None:
    day = honest.rows.filter(pl.col("split") == "validation")["date"].min()
    found = probe(relabelled(honest, "validation", pl.col("held_out") & (pl.col("date") == day)))
    apart = honest.rows.filter("held_out", pl.col("date") == day)["serial_number"].unique().sort()
    assert (found.fired, found.measured) == (True, len(apart))
    assert apart[0] in found.explanation


def test_drives_called_unseen_that_were_trained_on_are_found(honest: Evidence) -> None:
    wrong = honest.rows.with_columns(
        pl.when(pl.col("serial_number") == "D0298")
        .then(False)
        .otherwise(pl.col("drive_seen"))
        .alias("drive_seen")
    )
    assert honest.train["serial_number"].is_in(["D0298"]).any()
    found = probe(replace(honest, rows=wrong))
    assert (found.fired, found.measured) == (True, 1.0)


def test_held_out_drives_that_another_fleet_trains_on_are_found(honest: Evidence) -> None:
    apart = honest.rows.filter("held_out").select("serial_number", "date").head(1)
    assert not probe(replace(honest, also_trained_on=[apart.head(0)])).fired
    found = probe(replace(honest, also_trained_on=[apart]))
    assert (found.fired, found.measured) == (True, 1.0)
