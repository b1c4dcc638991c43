"""Whether a number of failures may be expected of a fleet, or what forbids it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from functions.scoring.model.scope import SCOPES, SIMILAR, TRAINED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from functions.scoring.report.fleet_day import DriveCounts

LEAST_SHARE_COUNTED = 0.5
"""Share of a day's drives that have a forecast which stands, from which on the number is one of the fleet. A
convention: of a majority."""

FAR_DRIFT = 1.0
"""Stability index of any feature above which no number is given. Measured with model v3 on whole days: of
drives it was trained on, at most 0.001; of drives that count no error at all, 0.23; of a day of 2014 whose
export leaves two of four attributes out, 14; a column that one drive in seven lacks comes to 1. Of the
fourteen largest fleets of one drive model in Backblaze's years 2014 to 2016, by the values alone: at most
0.55, and 3.4 for one of them."""

NoNumberCode = Literal["no_forecast", "few_forecasts", "drift"]

NO_NUMBER_CODES: dict[NoNumberCode, str] = {
    "no_forecast": "No drive of the day has a forecast that stands: they are unknown, or other drive models "
    "than the model was trained on, for which it has no calibration.",
    "few_forecasts": f"Fewer than {LEAST_SHARE_COUNTED:.0%} of the day's drives have a forecast that stands.",
    "drift": f"A feature of the drives it would stand for has drifted far, index above {FAR_DRIFT:g}.",
}
"""Why no number of failures is given."""


class NoNumber(msgspec.Struct, frozen=True):
    """Why no number of failures is given: a code of `NO_NUMBER_CODES`, and a sentence for people."""

    code: NoNumberCode
    sentence: str


def no_number_because(counts: DriveCounts, drift: Mapping[str, Any]) -> NoNumber | None:
    """Return what forbids a number of failures of a day's drives; None where nothing does.

    Parameters
    ----------
    counts : DriveCounts
        All drives of the day.
    drift : mapping
        The summary's, see `functions.scoring.report.drift.DRIFT_FIELDS`.
    """
    if not counts.counted:
        return NoNumber(
            "no_forecast",
            f"None of the {counts.drives:,} drives has a forecast that stands: {_scopes(counts)}.",
        )
    if counts.counted < LEAST_SHARE_COUNTED * counts.drives:
        return NoNumber(
            "few_forecasts",
            f"Only {counts.counted:,} of the {counts.drives:,} drives have a forecast that stands: "
            f"{_scopes(counts)}.",
        )
    for scope, index, feature in _worst(counts, drift):
        if index > FAR_DRIFT:
            return NoNumber(
                "drift",
                f"The {scope} drives are far from those the forecast was made for: {feature} has a stability "
                f"index of {index:.2f}, above {FAR_DRIFT:g}.",
            )
    return None


def _scopes(counts: DriveCounts) -> str:
    """Say how many drives are of each scope."""
    told = zip(SCOPES, counts.scope, strict=True)
    return ", ".join(f"{drives:,} {scope}" for scope, drives in told if drives)


def _worst(counts: DriveCounts, drift: Mapping[str, Any]) -> Iterator[tuple[str, float, str]]:
    """Yield scope, index and name of the feature that has drifted most, of the scopes that are counted."""
    similar = drift["similar"]
    # Similar drives are counted all or, without a calibration for them, not at all.
    counted = [TRAINED] * bool(counts.scope[TRAINED])
    counted += [SIMILAR] * (counts.counted > counts.scope[TRAINED])
    for code, found in ((TRAINED, drift), (SIMILAR, similar)):
        if found is not None and found["worst"] is not None and code in counted:
            yield SCOPES[code], found["worst"]["psi"], found["worst"]["feature"]
