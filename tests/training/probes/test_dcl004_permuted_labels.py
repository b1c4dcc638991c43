from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl

from tests.training.probes.small_evaluation import HORIZON, fit_on
from training.probes.dcl004_permuted_labels import deal_fates, probe
from training.probes.evidence import Evidence


def test_an_honest_recipe_passes(honest: Evidence) -> None:
    found = probe(honest)
    assert (found.code, found.fired) == ("DCL004", False)
    assert 0 < found.measured <= found.limit < 1


def test_a_feature_made_of_all_labels_is_found(honest: Evidence) -> None:
    def target_encoded(train: pl.DataFrame, test: pl.DataFrame) -> npt.NDArray[np.float64]:
        everything = pl.concat([train, test])
        means = everything.group_by("serial_number").agg(pl.col("label").mean().alias("encoded"))
        train, test = (part.join(means, on="serial_number", maintain_order="left") for part in (train, test))
        return fit_on(train, test, ["errors", "encoded"])

    found = probe(replace(honest, fit_and_score=target_encoded))
    assert found.fired
    assert found.measured > found.limit


def test_a_recipe_that_was_fitted_on_the_test_is_found(honest: Evidence) -> None:
    def fitted_on_test(train: pl.DataFrame, test: pl.DataFrame) -> npt.NDArray[np.float64]:
        number = pl.col("serial_number").str.slice(1).cast(pl.Int64).alias("number")
        return fit_on(test.with_columns(number), test.with_columns(number), ["number"])

    assert probe(replace(honest, fit_and_score=fitted_on_test)).fired


def test_dealt_fates_keep_their_number_and_lose_their_drives(honest: Evidence) -> None:
    dealt = deal_fates(honest.rows, HORIZON, 3)

    def failing(rows: pl.DataFrame) -> set[str]:
        return set(rows.filter(pl.col("label") == 1)["serial_number"])

    assert abs(len(failing(dealt)) - len(failing(honest.rows))) < 0.2 * len(failing(honest.rows))
    assert len(failing(dealt) & failing(honest.rows)) < 0.6 * len(failing(dealt))
    positive = dealt.filter(pl.col("label") == 1)["days_to_failure"]
    assert positive.is_between(1, HORIZON).all()
    assert (dealt["days_to_failure"].drop_nulls() > 0).all()
    assert dealt.equals(deal_fates(honest.rows, HORIZON, 3))
    assert not dealt.equals(deal_fates(honest.rows, HORIZON, 4))


def test_two_fleets_that_fail_at_different_rates_are_no_leak(mixture: Evidence) -> None:
    """A recipe that tells the fleets apart ranks the worse one first, dealt fates or not."""

    def by_fleet(train: pl.DataFrame, test: pl.DataFrame) -> npt.NDArray[np.float64]:
        assert train.height
        return (test["model"] == "ST4000DM000").cast(pl.Float64).to_numpy()

    found = probe(replace(mixture, fit_and_score=by_fleet))
    assert not found.fired
    assert found.measured > 0.02
