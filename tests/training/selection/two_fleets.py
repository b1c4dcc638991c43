"""A forward test on a made-up fleet with another beside it, small enough to be made in a test."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tests.training.made_fleet import telemetry
from training.fitting.candidates import candidates
from training.fitting.fleet import Fleet, load
from training.fitting.members import TreeSettings
from training.fitting.training_rows import Draw, drawer, mix
from training.options import WeightedPath
from training.selection.forward_test import Part, Tested, forward_test
from training.selection.other_fleets import extra_draws

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


def parts(fleet: Fleet) -> tuple[Draw, Part, Part]:
    """Return the draw, validation and test."""
    draw = mix(drawer(fleet.part("train"), fleet.values), extra_draws(fleet))
    return draw, Part(fleet.part("validation"), fleet.values), Part(fleet.part("test"), fleet.values)


def forward_tested(fleet: Fleet, *names: str) -> dict[str, Tested]:
    """Forward-test some candidates."""
    draw, validation, test = parts(fleet)
    settings = TreeSettings(trees=20)
    return {
        one.name: forward_test(one, draw, validation, test, horizon_days=30, seed=0)
        for one in candidates(settings)
        if one.name in names
    }
