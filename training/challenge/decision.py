"""Whether a new version becomes the challenger."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from functions.scoring.model.manifest import CHALLENGER
from training.challenge.incumbent import Incumbent
from training.metrics.curves import FPR_POINTS, Ranking
from training.metrics.drive_scores import DriveScores, paired_differences

DECISION_FILE = "decision.json"

RESAMPLES = 1000
FEW_FAILING = 30
"""With fewer failing drives a percentile interval is rough, and the decision says so."""

DECIDES = "average_precision"


@dataclass(frozen=True)
class Figure:
    """One measure of both versions.

    Attributes
    ----------
    difference, low, high : float
        New minus champion, and its 95 % interval over resamples that draw the same drives for both.
    """

    champion: float
    new: float
    difference: float
    low: float
    high: float


@dataclass(frozen=True)
class Decision:
    """The result of a retraining.

    Attributes
    ----------
    better : bool
        Whether the interval of the difference in average precision per drive lies above 0.
    figures : mapping of str to Figure
        ``average_precision``, which decides, and ``recall_at_fpr_<rate>``.
    drives, failing : int
        Of the test, that a decision is made on.
    seed : int
        Of the bootstrap.
    """

    version: str
    incumbent: Incumbent
    better: bool
    figures: Mapping[str, Figure]
    drives: int
    failing: int
    seed: int

    def sentence(self) -> str:
        """Say what was decided and by which numbers."""
        found, champion = self.figures[DECIDES], self.incumbent.version
        numbers = (
            f"average precision per drive is {found.new:.3f} against {found.champion:.3f} of {champion}, a "
            f"difference of {found.difference:+.3f} with a 95 % interval of {found.low:+.3f} to "
            f"{found.high:+.3f}"
        )
        few = (
            f" With {self.failing} failing drives in the test that interval is rough."
            if self.failing < FEW_FAILING
            else ""
        )
        if self.better:
            return f"{self.version} is better than the champion and becomes {CHALLENGER}: its {numbers}.{few}"
        return (
            f"{champion} stays champion and {self.version} is not registered: its {numbers}, which is not "
            f"above 0.{few}"
        )

    def document(self, protocol: Mapping[str, Any], digest: str) -> dict[str, Any]:
        """Return the content of decision.json.

        Parameters
        ----------
        protocol : mapping
            Of the new version's evaluation.json.
        digest : str
            Of the data.
        """
        return {
            "version": self.version,
            "champion": self.incumbent.version,
            "registered": self.better,
            "alias": CHALLENGER if self.better else None,
            "sentence": self.sentence(),
            "rule": "the 95 % interval of the difference in average precision per drive lies above 0",
            "champion_scored": self.incumbent.basis,
            "why": self.incumbent.why,
            "figures": {
                name: {key: value if math.isfinite(value) else None for key, value in vars(figure).items()}
                for name, figure in self.figures.items()
            },
            "bootstrap": {"resamples": RESAMPLES, "of": "drives, the same for both", "seed": self.seed},
            "test": {
                "split": protocol["split"],
                "horizon_days": protocol["horizon_days"],
                "days": [period["test"] for period in protocol["periods"] if "test" in period],
                "drives": self.drives,
                "failing_drives": self.failing,
                "prevalence": self.failing / self.drives,
                "data_digest": digest,
            },
        }


def decide(version: str, scores: DriveScores, incumbent: Incumbent, *, seed: int) -> Decision:
    """Compare a new version's scores of the test's drives with the champion's.

    Parameters
    ----------
    scores : DriveScores
        The drives' scores in its forward test.
    seed : int
        Of the bootstrap.
    """
    differences = paired_differences(incumbent.scores, scores, resamples=RESAMPLES, seed=seed)
    before, after = _measures(incumbent.scores), _measures(scores)
    figures = {name: Figure(before[name], after[name], *differences[name]) for name in before}
    better = figures[DECIDES].low > 0
    return Decision(version, incumbent, better, figures, len(scores.label), int(scores.label.sum()), seed)


def _measures(scores: DriveScores) -> dict[str, float]:
    ranking = Ranking.of(scores.label, scores.score)
    recalls = {f"recall_at_fpr_{rate:g}": float(ranking.recall_at_fpr(rate)) for rate in FPR_POINTS}
    return {DECIDES: float(ranking.average_precision()), **recalls}
