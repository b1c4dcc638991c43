"""A challenger's answers beside the champion's, counted.

A `ShadowTally` counts one block or one part of a file and is merged with others, exactly and in any order:
it holds counts and a few rows in a strict order. Its size has a bound, whatever the file's: at most
`functions.scoring.shadow.rank_correlation.BINS` squared counts, and `SHOWN` rows on either side.

A row raises an alarm from the level `ALARM` on, each model by its own thresholds. A drive whose level is
unknown raises none.
"""

from __future__ import annotations

import heapq
from collections import Counter
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from functions.scoring.model.risk import LEVELS, UNKNOWN, Risk
from functions.scoring.model.scope import UNKNOWN_SCOPE
from functions.scoring.model.scorer import shortest_decimal
from functions.scoring.shadow.rank_correlation import BINS, bins_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from functions.scoring.csv.parser import Rows
    from functions.scoring.model.scorer import Scores

ALARM: Risk = "high"
"""The level from which somebody has to do something, see `functions.scoring.model.risk.ADVICE`."""

SHOWN = 10
"""Most rows listed of those that one model alone would alarm on, for each of the two models."""


class Disagreement(msgspec.Struct, frozen=True, order=True):
    """A row that both models know and one alone would alarm on; the farthest apart in log-odds first."""

    minus_gap: float
    serial_number: str
    model: str
    date: str
    line: int
    champion_probability: float
    champion_risk: str
    challenger_probability: float
    challenger_risk: str


class ShadowTally(msgspec.Struct, frozen=True):
    """Counts of some rows scored by two models.

    Attributes
    ----------
    version : str
        The challenger's.
    risk : dict of int to int
        Rows by pair of levels, ``champion * len(LEVELS) + challenger``, ascending.
    bins : dict of int to int
        Rows by pair of log-odds bins, ``champion * BINS + challenger``, ascending; without rows that are
        unknown to a model.
    champion_only, challenger_only : list of Disagreement
        Ascending, at most `SHOWN`.
    failure : (int, str) or None
        Line of the challenger's first failure and kind of error. Nothing else is kept then.
    """

    version: str
    risk: dict[int, int] = {}
    bins: dict[int, int] = {}
    champion_only: list[Disagreement] = []
    challenger_only: list[Disagreement] = []
    failure: tuple[int, str] | None = None

    @classmethod
    def of_block(cls, version: str, rows: Rows, champion: Scores, challenger: Scores) -> ShadowTally:
        """Count one block; FloatingPointError when the challenger gave log-odds that are no number."""
        if not np.isfinite(challenger.log_odds[challenger.scope != UNKNOWN_SCOPE]).all():
            msg = f"log-odds of model {version} are not finite"
            raise FloatingPointError(msg)
        known = (champion.risk != UNKNOWN) & (challenger.risk != UNKNOWN)
        # Listed are rows that can be compared: an unknown drive has no log-odds to be far away with.
        ours, theirs = raises_alarm(champion.risk) & known, raises_alarm(challenger.risk) & known
        return cls(
            version,
            risk=_counts(champion.risk.astype(np.int64) * len(LEVELS) + challenger.risk),
            bins=_counts(bins_of(champion.log_odds[known]) * BINS + bins_of(challenger.log_odds[known])),
            champion_only=_farthest(rows, champion, challenger, ours & ~theirs),
            challenger_only=_farthest(rows, champion, challenger, theirs & ~ours),
        )

    def merge(self, other: ShadowTally) -> ShadowTally:
        """Return the counts of both parts, in any order; ValueError if they are of different challengers."""
        if self.version != other.version:
            versions = " and ".join(sorted((self.version, other.version)))
            msg = f"parts of one file were compared with {versions}; one challenger is expected"
            raise ValueError(msg)
        failures = [part.failure for part in (self, other) if part.failure is not None]
        if failures:
            return ShadowTally(self.version, failure=min(failures))
        return ShadowTally(
            self.version,
            _sum(self.risk, other.risk),
            _sum(self.bins, other.bins),
            heapq.nsmallest(SHOWN, [*self.champion_only, *other.champion_only]),
            heapq.nsmallest(SHOWN, [*self.challenger_only, *other.challenger_only]),
        )

    @property
    def rows(self) -> int:
        """Rows compared."""
        return sum(self.risk.values())


def raises_alarm(risk: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Return which risk codes are `ALARM` or worse; unknown is not."""
    alarm: NDArray[np.bool_] = (risk >= LEVELS.index(ALARM)) & (risk != UNKNOWN)
    return alarm


def _counts(values: NDArray[np.int64]) -> dict[int, int]:
    found, counts = np.unique(values, return_counts=True)
    return dict(zip(found.tolist(), counts.tolist(), strict=True))


def _sum(mine: Mapping[int, int], theirs: Mapping[int, int]) -> dict[int, int]:
    total = Counter(mine)
    total.update(theirs)
    return dict(sorted(total.items()))


def _farthest(
    rows: Rows, champion: Scores, challenger: Scores, chosen: NDArray[np.bool_]
) -> list[Disagreement]:
    indices = np.flatnonzero(chosen)
    gaps = np.abs(champion.log_odds[indices].astype(np.float64) - challenger.log_odds[indices])
    if len(indices) > SHOWN:
        # Those as far apart as the last one shown stay in: serial number and model decide between them.
        far = gaps >= np.partition(gaps, -SHOWN)[-SHOWN]
        indices, gaps = indices[far], gaps[far]
    return heapq.nsmallest(
        SHOWN,
        (
            Disagreement(
                -gap,
                rows.serials[index].as_py(),
                rows.models[index].as_py(),
                str(rows.dates[index]),
                int(rows.lines[index]),
                shortest_decimal(champion.probability[index]),
                champion.level(index),
                shortest_decimal(challenger.probability[index]),
                challenger.level(index),
            )
            for index, gap in zip(indices.tolist(), gaps.tolist(), strict=True)
        ),
    )
