"""The failures to expect, as a range.

If the probabilities are right (calibrated) and drives fail independently of each other, the number of
failures follows a Poisson-binomial distribution. It is approximated by the binomial distribution of the same
mean and variance (Ehm, Statistics & Probability Letters 11, 1991): with mean m and variance v there are
n = m^2 / (m - v) trials of chance m / n. It is exact when all probabilities are equal, and needs two sums
that can be kept for a file of any size, where the exact distribution needs every probability.

Drives that share a cause (a batch, a power cut, a rack) spread wider than this.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from functions.scoring.report.fleet_day import DriveCounts

LEVEL = 0.95
"""Chance that the number of failures lies in the interval: at least this."""

METHOD = (
    "95 % interval: the binomial distribution of the same mean and variance as the sum of the drives' "
    "probabilities; it presumes that the probabilities are calibrated and that drives fail independently."
)
"""Explanation shown beside an interval."""

_WIDTHS = 12.0
_MARGIN = 40.0


def failure_interval(counts: DriveCounts) -> tuple[int, int]:
    """Return the ends of the central interval: each is passed with a chance of at most 2.5 %."""
    # Probabilities of 0 and 1 alone leave nothing to chance.
    if counts.variance <= 0 or counts.expected <= 0:
        certain = round(counts.expected_failures)
        return certain, certain
    mean = counts.expected_failures
    # Rounded sums can leave mean = variance when all probabilities are tiny: as many trials as drives then.
    squares = max(counts.expected - counts.variance, 1)
    trials = counts.expected * counts.expected / (squares * 2.0**32)
    trials = min(max(math.ceil(mean), round(trials), 1), max(counts.counted, 1))
    return _central(trials, min(mean / trials, 1.0))


def _central(trials: int, chance: float) -> tuple[int, int]:
    """Return the central interval of a binomial distribution."""
    if chance >= 1.0:
        return trials, trials
    tail = (1.0 - LEVEL) / 2.0
    mean = trials * chance
    reach = _WIDTHS * math.sqrt(mean * (1.0 - chance)) + _MARGIN
    first, last = max(0, math.floor(mean - reach)), min(trials, math.ceil(mean + reach))
    odds = chance / (1.0 - chance)
    share = math.exp(
        math.lgamma(trials + 1)
        - math.lgamma(first + 1)
        - math.lgamma(trials - first + 1)
        + first * math.log(chance)
        + (trials - first) * math.log1p(-chance)
    )
    shares = [share]
    for count in range(first, last):
        share *= (trials - count) / (count + 1) * odds
        shares.append(share)
    low, below = first, shares[0]
    while below <= tail and low < last:
        low += 1
        below += shares[low - first]
    high, above = last, shares[-1]
    while above <= tail and high > first:
        high -= 1
        above += shares[high - first]
    return low, high
