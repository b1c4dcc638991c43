"""What a training run shows the leak probes of itself."""

from __future__ import annotations

import numpy as np
import polars as pl

from training.evaluation.evaluate import Tested
from training.fitting.fleet import Fleet
from training.fitting.members import decision
from training.fitting.training_rows import drawer
from training.probes.evidence import Evidence, Floats


def leak_evidence(fleet: Fleet, tested: Tested, rule: Tested, *, horizon_days: int, seed: int) -> Evidence:
    """Open a forward test to inspection.

    Parameters
    ----------
    fleet : Fleet
    tested : Tested
        The candidate whose figures are the headline; the probes fit it anew on rows of their own.
    rule : Tested
        Any of the error counters above zero: the baseline that identity alone must not beat.
    horizon_days, seed : int
        Of the forward test.
    """
    candidate = tested.candidate

    def fit_and_score(train: pl.DataFrame, test: pl.DataFrame) -> Floats:
        ranker = candidate.fit(drawer(train, fleet.history, horizon_days), seed)
        seen = fleet.history.observe(test["row"].to_numpy())
        return np.asarray(decision(ranker, seen.matrix(candidate.features)))

    return Evidence(
        rows=fleet.labelled,
        telemetry_ends=fleet.telemetry_ends,
        horizon_days=horizon_days,
        fit_and_score=fit_and_score,
        test_score=tested.probability,
        baseline_score=rule.probability,
        seed=seed,
    )
