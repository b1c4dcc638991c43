"""The model that is shipped: the tested recipe fitted once more on every labelled day.

The forward test needs half of the days for embargoes and test. A model for the days that come should not do
without them, so after the test the same recipe is fitted on all labelled days of the drives that are not held
out. Its calibration and thresholds cannot come from a validation period, since it has seen that; they come
from scores of drives by models of the same recipe that did not see them, in folds by serial number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from functions.scoring.model.manifest import ScopeCalibration, SimilarDrives, Thresholds
from functions.scoring.model.quality import ScopeQuality
from training.fitting.candidates import Candidate, Ranker
from training.fitting.fleet import Fleet
from training.fitting.fleet_draws import fleet_draws
from training.log_odds_model import LogOddsModel
from training.metrics.calibration import expected_calibration_error
from training.metrics.curves import FPR_POINTS, average_precision, recall_at_fpr
from training.metrics.scope_quality import scope_quality
from training.metrics.thresholds import in_months
from training.selection.forward_test import RESAMPLES, Tested
from training.selection.out_of_fold import FOLDS, Scored, score_out_of_fold


@dataclass(frozen=True)
class Release:
    """A model ready to be written.

    Attributes
    ----------
    model : LogOddsModel
        Calibrated.
    trained_on : polars.DataFrame
        The labelled rows it was drawn from.
    out_of_fold : dict
        Figures of the scores that calibration and thresholds come from; empty when these are validation's.
    quality : ScopeQuality or None
        From the same scores; None when there are none.
    """

    model: LogOddsModel
    thresholds: Thresholds
    trained_on: pl.DataFrame
    out_of_fold: dict[str, Any]
    quality: ScopeQuality | None = None


def as_tested(tested: Tested, trained_on: pl.DataFrame) -> Release:
    """Return the tested model itself as the release."""
    return Release(
        convertible(tested.ranker).calibrate(*tested.calibration), tested.thresholds, trained_on, {}
    )


def refit(candidate: Candidate, fleet: Fleet, *, seed: int, progress: bool = True) -> Release:
    """Fit a candidate on all labelled drive-days of the drives not held out.

    Parameters
    ----------
    fleet : Fleet
        Calibration and thresholds come from its own drives, whatever else is trained on beside it.
    """
    scored = score_out_of_fold(candidate, fleet, None, seed=seed, progress=progress)
    calibration = scored.fit_matched()
    probability = calibration.probability(scored.average)
    thresholds = scored.thresholds(calibration)
    months = in_months(scored.frame, probability)
    first, last = scored.frame.select(first=pl.col("date").min(), last=pl.col("date").max()).row(0)
    protocol = (
        f"{', '.join(fleet.drive_models)}, {first} to {last}: out-of-fold scores of the recipe ({FOLDS} "
        f"folds by serial number), one decision a drive and 30 days, {fleet.horizon_days} days ahead, "
        "natural prevalence"
    )
    quality, above = scope_quality(
        scored.frame, probability, thresholds, protocol, resamples=RESAMPLES, seed=seed
    )
    figures = {
        "drive_months": months.table.height,
        "prevalence": months.prevalence,
        "average_precision": average_precision(months.label, months.score),
        "recall_at_fpr": {
            f"{rate:g}": recall_at_fpr(months.label, months.score, rate) for rate in FPR_POINTS
        },
        "row_prevalence": float(scored.label.mean()),
        "row_ece": expected_calibration_error(scored.label, probability),
        "above": above._asdict(),
    }
    model = convertible(candidate.fit(fleet_draws(fleet, fleet.trainable(), None), seed))
    return Release(model.calibrate(*calibration), thresholds, scored.frame, figures, quality)


def convertible(ranker: Ranker) -> LogOddsModel:
    """Return a ranker that converts to ONNX; TypeError for any other."""
    if not isinstance(ranker, LogOddsModel):
        raise TypeError(f"a {type(ranker).__name__} does not convert to ONNX")
    return ranker


def similar_drives(
    release: Release, scored: Scored, *, horizon_days: int, seed: int
) -> tuple[SimilarDrives, dict[str, Any]]:
    """Say how drives of other models are answered, from scores by models that do not know them.

    Their calibration is their own; a level begins at the probability it begins at for the main fleet's
    drives. Alert budgets would not do: the share of worn drives differs ten times from fleet to fleet and
    year to year, and budgets of one year gave a level "critical" that no drive of the next reached.

    Parameters
    ----------
    scored : Scored
        Of `training.selection.similar.score_similar`.

    Returns
    -------
    similar : SimilarDrives
        Its calibration is on top of the release's own; without histograms.
    above : dict
        Failures seen and expected in the bands that are claimed to hold.
    """
    calibration = scored.fit_matched()
    thresholds = scored.measured(calibration, release.thresholds)
    first, last = scored.frame.select(first=pl.col("date").min(), last=pl.col("date").max()).row(0)
    protocol = (
        f"{scored.frame['model'].n_unique()} other drive models, {first} to {last}: scores by models that "
        f"were fitted on neither these drives ({FOLDS} folds by serial number) nor later days of their "
        f"fleet, one decision a drive and 30 days, {horizon_days} days ahead, natural prevalence"
    )
    quality, above = scope_quality(
        scored.frame,
        calibration.probability(scored.average),
        thresholds,
        protocol,
        resamples=RESAMPLES,
        seed=seed,
    )
    own = release.model
    on_top = ScopeCalibration(
        calibration.scale / own.scale, calibration.offset - calibration.scale / own.scale * own.offset
    )
    return SimilarDrives(on_top, thresholds, quality), above._asdict()
