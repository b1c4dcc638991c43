from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl

from tests.training.probes.small_evaluation import fit_on
from training.probes.dcl006_random_split import probe
from training.probes.evidence import Evidence


def test_an_honest_forward_test_passes_and_the_inflation_is_reported(honest: Evidence) -> None:
    found = probe(honest)
    assert (found.code, found.fired) == ("DCL006", False)
    assert "inflation " in found.explanation


def test_a_recipe_that_remembers_drives_shows_its_inflation(honest: Evidence) -> None:
    number = honest.rows["serial_number"].str.slice(1).cast(float).alias("number")
    rows = honest.rows.with_columns(number)

    def remembers(train: pl.DataFrame, test: pl.DataFrame) -> npt.NDArray[np.float64]:
        return fit_on(train, test, ["number"])

    identified = replace(honest, rows=rows, fit_and_score=remembers)
    identified = replace(identified, test_score=remembers(identified.train, identified.test))
    found = probe(identified)
    assert not found.fired
    assert float(found.explanation.rsplit("inflation ", 1)[1]) > 0.1


def test_scores_that_already_know_the_test_are_found(honest: Evidence) -> None:
    label = honest.test["label"].to_numpy()
    noise = np.random.default_rng(0).random(len(label)) / 10
    found = probe(replace(honest, test_score=0.5 * label + noise))
    assert found.fired
    assert found.measured > 0
    assert "inflation -" in found.explanation
