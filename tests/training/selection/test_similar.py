from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.training.made_fleet import telemetry, weekly_telemetry
from training.fitting.candidates import CHAMPION, candidates
from training.fitting.fleet import Fleet, load
from training.fitting.fleet_draws import fleet_draws
from training.fitting.members import LINEAR_SHARE, TreeSettings, fit_blend
from training.fitting.training_rows import TrainingRows
from training.log_odds_model import LogOddsModel
from training.options import WeightedPath
from training.selection import similar
from training.selection.out_of_fold import FOLDS, Scored, folds_of
from training.selection.similar import blocks_of, score_similar

BLOCKS = [dt.date(2019, 7, 1), dt.date(2019, 11, 1), dt.date(2020, 3, 1)]


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    folder = tmp_path_factory.mktemp("fleets")
    telemetry(150, 170).write_parquet(folder / "main.parquet")
    weekly_telemetry(200).write_parquet(folder / "other.parquet")
    return load(
        [folder / "main.parquet"],
        seed=0,
        horizon_days=30,
        extra=[WeightedPath(folder / "other.parquet", 1.0)],
    )


def model(fleet: Fleet) -> LogOddsModel:
    """Return the blend of the made-up fleets."""
    (blend,) = (one for one in candidates(TreeSettings(trees=10), pooled=True) if one.name == CHAMPION)
    found = blend.fit(fleet_draws(fleet, fleet.trainable(), None), 0)
    assert isinstance(found, LogOddsModel)
    return found


def scored(fleet: Fleet) -> Scored:
    found = score_similar(fleet, model(fleet).members[:-1], LINEAR_SHARE, seed=0)
    assert found is not None
    return found


def test_blocks_are_four_months_long_and_begin_after_a_year() -> None:
    found = blocks_of(dt.date(2013, 4, 10), dt.date(2016, 8, 31))
    assert found[0] == (dt.date(2014, 7, 1), dt.date(2014, 10, 31))
    assert found[-1] == (dt.date(2016, 7, 1), dt.date(2016, 8, 31))
    assert len(found) == 7
    assert blocks_of(dt.date(2013, 4, 10), dt.date(2013, 8, 19)) == []


def test_every_row_of_another_model_in_a_block_is_scored(fleet: Fleet) -> None:
    found = scored(fleet)
    rows = fleet.extra[0].days.rows
    expected = rows.filter(pl.col("date") >= found.frame["date"].min())
    assert found.frame.height == expected.height
    assert np.isfinite(found.average).all()
    assert found.frame["block"].unique().sort().to_list() == BLOCKS


def test_a_drive_is_scored_by_a_model_that_knows_neither_it_nor_later_days(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fits are watched: each is of the rows of the other folds that were known before the block."""
    fitted: list[tuple[dt.date, set[int]]] = []

    def watch(rows: TrainingRows, *arguments: Any) -> LogOddsModel:
        others = rows.select(rows.fleet == 1)
        last = others.dates.max()
        assert isinstance(last, dt.date)
        fitted.append((last, set(folds_of(others.serials, 0).tolist())))
        return fit_blend(rows, *arguments)

    monkeypatch.setattr(similar, "fit_blend", watch)
    scored(fleet)
    assert len(fitted) == FOLDS * len(BLOCKS)
    for number, (last, folds) in enumerate(fitted):
        assert last + dt.timedelta(days=30) < BLOCKS[number // FOLDS]
        assert folds == set(range(FOLDS)) - {number % FOLDS}
