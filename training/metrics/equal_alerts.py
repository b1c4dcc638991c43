"""Rankings beside a rule of thumb: how many failing drives each finds with as many alerts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from training.metrics.curves import Floats, Ranking
from training.metrics.decisions import Drives


def found_with(ranking: Ranking, alerts: npt.ArrayLike, weights: Floats | None = None) -> Floats:
    """Return how many failing drives are among those with the highest scores.

    Of drives with equal scores at the border, their share counts: what drawing among them would find on
    average.

    Parameters
    ----------
    alerts : float or array of float, shape (r,)
        Drives to look at.
    weights : (r, n) array of float64, optional
        How often each drive counts, one weighting for every number of alerts.
    """
    hits, misses = ranking.counts(weights)
    if weights is None:
        looked_at = np.append(0.0, hits + misses)
        return np.asarray(np.interp(np.asarray(alerts, dtype=np.float64), looked_at, np.append(0.0, hits)))
    return np.array(
        [
            np.interp(count, np.append(0.0, of + other), np.append(0.0, of))
            for count, of, other in zip(np.asarray(alerts), hits, misses, strict=True)
        ]
    )


def lead_over_rule(
    drives: Drives, rule: Drives, *, resamples: int, seed: int
) -> tuple[float, tuple[float, float]]:
    """Return how many failing drives more than the rule a ranking finds at the rule's number of alerts.

    *rule* are the same drives scored by a rule that flags all but its lowest score. The second value is the
    95 % interval by percentiles of a bootstrap over drives.
    """
    flagged = (rule.score > rule.score.min()).astype(np.float64)
    failing = (rule.label == 1).astype(np.float64)
    ranking = Ranking.of(drives.label, drives.score)
    generator = np.random.default_rng(seed)
    size = len(flagged)
    leads = np.empty(resamples)
    for index in range(resamples):
        weights = np.bincount(generator.integers(0, size, size), minlength=size).astype(np.float64)
        found = found_with(ranking, [weights @ flagged], weights[None, :])[0]
        leads[index] = found - weights @ (flagged * failing)
    difference = float(found_with(ranking, flagged.sum()) - flagged @ failing)
    low, high = np.quantile(leads, [0.025, 0.975])
    return round(difference, 2), (round(float(low), 2), round(float(high), 2))
