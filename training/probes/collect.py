"""The evidence of a training run for the leak probes."""

from __future__ import annotations

import numpy as np
import polars as pl

from training.fitting.fleet import Fleet
from training.fitting.fleet_draws import other_draws
from training.fitting.training_rows import Draws, drawer
from training.probes.evidence import Evidence, Floats
from training.selection.forward_test import Part, Tested


def leak_evidence(fleet: Fleet, tested: Tested, rule: Tested, *, seed: int) -> Evidence:
    """Open a forward test to inspection.

    Parameters
    ----------
    tested : Tested
        The candidate whose figures are the headline; the probes fit it anew on rows of their own.
    rule : Tested
        Any of the error counters above zero: the baseline that identity alone must not beat.
    seed : int
        Of the forward test.
    """
    candidate = tested.candidate
    others = other_draws(fleet, fleet.known_before)
    also = [extra.trainable(fleet.known_before).select("serial_number", "date") for extra in fleet.extra]

    def fit_and_score(train: pl.DataFrame, test: pl.DataFrame) -> Floats:
        draws = Draws(drawer(train, fleet.values, fleet.horizon_days), others)
        return np.asarray(Part(test, fleet.values).score(candidate.fit(draws, seed), candidate.features))

    return Evidence(
        rows=fleet.labelled,
        telemetry_ends=fleet.telemetry_ends,
        horizon_days=fleet.horizon_days,
        fit_and_score=fit_and_score,
        test_score=tested.probability,
        baseline_score=rule.probability,
        also_trained_on=[rows.cast({"serial_number": pl.String}) for rows in also],
        seed=seed,
    )
