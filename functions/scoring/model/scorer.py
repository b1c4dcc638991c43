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

from functions.scoring.model.calibration import calibrate
from functions.scoring.model.explainer import Explainer
from functions.scoring.model.manifest import EXPLAINER_FILE
from functions.scoring.model.reasons import LEAST_CONTRIBUTION, Reason, pick_reasons, strongest_first
from functions.scoring.model.risk import LEVELS, Risk, risk_codes
from functions.scoring.model.scope import SIMILAR, TRAINED, UNKNOWN_SCOPE, ScopeRule
from functions.scoring.model.stand_ins import StandIns

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


def known_decimal(value: np.float32) -> float | None:
    """Return the shortest decimal that is this float32, None for NaN: what JSON shows of a score."""
    return None if np.isnan(value) else shortest_decimal(value)


@dataclass(frozen=True, slots=True)
class Observations:
    """Decoded values of n drive-days, now and earlier, in the column order of a scorer's attributes.

    Attributes
    ----------
    by_name : (n,) array of int8
        Code of the scope that the drive's name gives, see `functions.scoring.model.scope.ScopeRule`.
    now : (n, k) array of float64
        NaN where missing.
    earlier : dict of int to (n, k) array of float64
        By history window.
    ages : dict of int to (n,) array of int32
        Age in days of the earlier observation, by history window; 0 where there is none.
    """

    by_name: NDArray[np.int8]
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
        NaN where the scope is unknown.
    risk : (n,) array of int8
        Index into `functions.scoring.model.risk.LEVELS`; unknown where the scope is.
    scope : (n,) array of int8
        Index into `functions.scoring.model.scope.SCOPES`.
    counted : (n,) array of bool
        Whether the probability stands in a sum of expected failures: of drives that were trained on, and of
        similar ones where the model has a calibration for them.
    history_days : (n,) array of int32
        Age of the oldest earlier observation used; 0 for none.
    """

    features: NDArray[np.float32]
    log_odds: NDArray[np.float32]
    probability: NDArray[np.float32]
    risk: NDArray[np.int8]
    scope: NDArray[np.int8]
    counted: NDArray[np.bool_]
    history_days: NDArray[np.int32]

    @property
    def counted_probability(self) -> NDArray[np.float64]:
        """The probabilities that stand in a sum of expected failures, 0 for the others, (n,)."""
        return np.where(self.counted, self.probability, 0.0).astype(np.float64)

    def level(self, row: int) -> Risk:
        """Return a row's risk level."""
        return LEVELS[int(self.risk[row])]


class Scorer:
    """Scores and explains drive-days with one model version.

    Attributes
    ----------
    attributes : tuple of int
        The SMART attributes it reads, ascending: those of its features and their stand-ins.
    needed : tuple of int
        Those of its features: of these a faulty value is an error, of a stand-in it is a missing one.
    similar : SimilarDrives or None
        How it answers for drives of that scope, see `functions.scoring.model.manifest.SimilarDrives`.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.stand_ins = StandIns(model.plan.attributes, model.manifest.stand_ins)
        self.attributes = self.stand_ins.attributes
        self.needed = model.plan.attributes
        self.scopes = ScopeRule(model.manifest, self.attributes)
        self.similar = model.manifest.similar

    @cached_property
    def explainer(self) -> Explainer:
        """The model's explainer, read at its first use; ModelError when it was damaged since."""
        return Explainer.load(BytesIO(self.model.file(EXPLAINER_FILE)))

    def score(self, seen: Observations, lap: Lap = no_lap) -> Scores:
        """Score drive-days; *lap* is called when the stages ``features`` and ``model`` end."""
        fill = self.stand_ins.fill
        earlier = {days: fill(values) for days, values in seen.earlier.items()}
        features = self.model.plan.matrix(fill(seen.now), earlier)
        lap("features")
        log_odds, probability = self.model.predict(features)
        lap("model")
        scope = self.scopes.of_rows(seen.by_name, seen.now)
        counted = scope == TRAINED
        if not counted.all():
            log_odds, probability = self._by_scope(log_odds, probability, scope)
        risk = risk_codes(probability, self.model.manifest.thresholds)
        if self.similar is not None:
            similar = scope == SIMILAR
            risk[similar] = risk_codes(probability[similar], self.similar.thresholds)
            counted |= similar
        reach = np.zeros(len(features), dtype=np.int32)
        for window in self.model.plan.windows:
            if window.days in seen.ages:
                np.maximum(reach, seen.ages[window.days], out=reach)
        return Scores(features, log_odds, probability, risk, scope, counted, reach)

    def score_features(
        self, features: NDArray[np.float32], by_name: NDArray[np.int8]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Score rows of features, (n, f), of named drives; return log-odds and probability, (n,) each.

        *by_name* is that of `Observations`. A drive reports what its features have a value of; they are what
        telemetry comes to, stand-ins taken already.
        """
        reported = np.full((len(features), len(self.attributes)), np.nan)
        for column, feature in enumerate(self.model.plan.features):
            if feature.kind == "value":
                reported[:, self.attributes.index(feature.attribute)] = features[:, column]
        log_odds, probability = self.model.predict(features)
        return self._by_scope(log_odds, probability, self.scopes.of_rows(by_name, reported))

    def _by_scope(
        self, log_odds: NDArray[np.float32], probability: NDArray[np.float32], scope: NDArray[np.int8]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return scores as they stand for drives of several scopes."""
        log_odds, probability = log_odds.copy(), probability.copy()
        if self.similar is not None:
            rows = scope == SIMILAR
            log_odds[rows], probability[rows] = calibrate(log_odds[rows], self.similar.calibration)
        rows = scope == UNKNOWN_SCOPE
        log_odds[rows] = probability[rows] = np.nan
        return log_odds, probability

    def contributions(self, features: NDArray[np.float32], scope: NDArray[np.int8]) -> NDArray[np.float64]:
        """Return what each of the explainer's attributes adds to the log-odds of rows, (n, A).

        Those of similar drives are scaled as their log-odds are, so that they still add up with `base`.
        """
        found = self.explainer.contributions(features)
        if self.similar is not None:
            found[scope == SIMILAR] *= self.similar.calibration.scale
        return found

    def base(self, scope: int) -> float:
        """Return the log-odds that `contributions` start from, given the code of a drive's scope."""
        if scope == SIMILAR and self.similar is not None:
            return self.explainer.base * self.similar.calibration.scale + self.similar.calibration.offset
        return self.explainer.base

    def reasons(self, seen: Observations, scores: Scores, rows: NDArray[np.intp]) -> list[list[Reason]]:
        """Explain some of the rows, none of unknown scope; each gets its reasons, the strongest first."""
        if not len(rows):
            return []
        contributions = self.contributions(scores.features[rows], scores.scope[rows])
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
            found.append(
                pick_reasons(amounts, order[index], explained, now, earlier, self.stand_ins.by_attribute)
            )
        return found
