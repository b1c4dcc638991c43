"""A loaded model with everything around it: drive-days in, probabilities, risk and reasons out.

Drives of a request and blocks of a file end here alike; the forecast of one drive by itself is made in
`functions.scoring.model.one_row`, to the same bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from functions.scoring.model.explainer import Explainer
from functions.scoring.model.manifest import EXPLAINER_FILE
from functions.scoring.model.reasons import LEAST_CONTRIBUTION, Reason, pick_reasons, strongest_first
from functions.scoring.model.risk import LEVELS, Risk, risk_codes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from functions.scoring.model.onnx_model import Model


type Lap = Callable[[str], None]
"""Called with the name of a stage when it ends, for timings."""


def no_lap(stage: str) -> None:
    """Take no times."""


def shortest_decimal(value: np.float32) -> float:
    """Return the shortest decimal that is this float32: what every output shows of a score."""
    return float(str(value))


@dataclass(frozen=True, slots=True)
class Observations:
    """Decoded values of n drive-days, now and earlier, in the column order of the model's attributes.

    Attributes
    ----------
    now : (n, k) array of float64
        NaN where missing.
    earlier : dict of int to (n, k) array of float64
        By history window.
    ages : dict of int to (n,) array of int32
        Age in days of the earlier observation, by history window; 0 where there is none.
    """

    now: NDArray[np.float64]
    earlier: Mapping[int, NDArray[np.float64]]
    ages: Mapping[int, NDArray[np.int32]]


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of n drive-days.

    Attributes
    ----------
    features : (n, f) array of float32
    log_odds, probability : (n,) array of float32
    risk : (n,) array of int8
        Index into `functions.scoring.model.risk.LEVELS`.
    history_days : (n,) array of int32
        Age of the oldest earlier observation used; 0 for none.
    """

    features: NDArray[np.float32]
    log_odds: NDArray[np.float32]
    probability: NDArray[np.float32]
    risk: NDArray[np.int8]
    history_days: NDArray[np.int32]

    def level(self, row: int) -> Risk:
        """Return a row's risk level."""
        return LEVELS[int(self.risk[row])]


class Scorer:
    """Scores and explains drive-days with one model version.

    Attributes
    ----------
    attributes : tuple of int
        The SMART attributes it needs, ascending.
    evidence : list of int
        Columns of those that a forecast rests on; without a value in any of them the risk is unknown.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.attributes = model.plan.attributes
        evidence = set(model.manifest.evidence)
        self._evidence = np.flatnonzero([attribute in evidence for attribute in self.attributes])
        self.evidence: list[int] = self._evidence.tolist()

    @cached_property
    def explainer(self) -> Explainer:
        """The model's explainer, read at its first use; ModelError when it was damaged since."""
        return Explainer.load(BytesIO(self.model.file(EXPLAINER_FILE)))

    def score(self, seen: Observations, lap: Lap = no_lap) -> Scores:
        """Score drive-days; *lap* is called when the stages ``features`` and ``model`` end."""
        features = self.model.plan.matrix(seen.now, seen.earlier)
        lap("features")
        log_odds, probability = self.model.predict(features)
        lap("model")
        reported = seen.now.take(self._evidence, axis=1)
        known = (reported == reported).any(axis=1)  # noqa: PLR0124 - NaN is not equal to itself
        risk = risk_codes(probability, known, self.model.manifest.thresholds)
        reach = np.zeros(len(features), dtype=np.int32)
        for window in self.model.plan.windows:
            if window.days in seen.ages:
                np.maximum(reach, seen.ages[window.days], out=reach)
        return Scores(features, log_odds, probability, risk, reach)

    def reasons(self, seen: Observations, scores: Scores, rows: NDArray[np.intp]) -> list[list[Reason]]:
        """Explain some of the rows; each gets its reasons, the strongest first."""
        if not len(rows):
            return []
        contributions = self.explainer.contributions(scores.features[rows])
        order = strongest_first(contributions).tolist()
        windows = [window.days for window in self.model.plan.windows if window.days in seen.earlier]
        ages = [seen.ages[days][rows].tolist() for days in windows]
        before = [seen.earlier[days][rows].tolist() for days in windows]
        attributes, explained = self.attributes, self.explainer.attributes
        found: list[list[Reason]] = []
        for index, (amounts, values) in enumerate(
            zip(contributions.tolist(), seen.now[rows].tolist(), strict=True)
        ):
            if amounts[order[index][0]] < LEAST_CONTRIBUTION:
                found.append([])
                continue
            earlier = [
                (of_window[index], dict(zip(attributes, decoded[index], strict=True)))
                for of_window, decoded in zip(ages, before, strict=True)
            ]
            now = dict(zip(attributes, values, strict=True))
            found.append(pick_reasons(amounts, order[index], explained, now, earlier))
        return found
