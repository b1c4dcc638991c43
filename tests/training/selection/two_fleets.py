"""A forward test on a made-up fleet with another beside it, small enough to be made in a test."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tests.training.made_fleet import telemetry
from training.fitting.candidates import candidates
from training.fitting.fleet import Fleet, load
from training.fitting.fleet_draws import fleet_draws
from training.fitting.members import TreeSettings
from training.fitting.training_rows import Draws
from training.options import WeightedPath
from training.selection.forward_test import Part, Tested, forward_test

SEAGATE, HITACHI = "ST3000DM001", "Hitachi HDS5C3030ALA630"


def fleets(folder: Path) -> Fleet:
    """Return a fleet of one drive model, beside it one of that model and two others."""
    main, other = folder / "main.parquet", folder / "other.parquet"
    telemetry(150, 170).write_parquet(main)
    kind = pl.col("serial_number").str.slice(-1).cast(pl.Int64)
    model = pl.when(kind < 4).then(pl.lit(SEAGATE)).when(kind < 8).then(pl.lit(HITACHI)).otherwise("model")
    telemetry(150, 150, seed=3).with_columns(
        model.alias("model"), pl.col("serial_number").str.replace("D", "E")
    ).write_parquet(other)
    return load([main], seed=0, horizon_days=30, extra=[WeightedPath(other, 0.1)])


def parts(fleet: Fleet) -> tuple[Draws, Part, Part]:
    """Return the draws, validation and test."""
    draws = fleet_draws(fleet, fleet.part("train"), fleet.known_before)
    return draws, Part(fleet.part("validation"), fleet.values), Part(fleet.part("test"), fleet.values)


def forward_tested(fleet: Fleet, *names: str) -> dict[str, Tested]:
    """Forward-test some candidates."""
    draws, validation, test = parts(fleet)
    settings = TreeSettings(trees=20)
    return {
        one.name: forward_test(one, draws, validation, test, horizon_days=30, seed=0)
        for one in candidates(settings, pooled=True)
        if one.name in names
    }
