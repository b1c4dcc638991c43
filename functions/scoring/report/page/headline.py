"""The head of a report: the failures to expect and the drives the number stands for, or why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.html.markup import NOTHING, Markup, Tile, isolate, join, paragraph, tiles
from functions.html.numbers import count, failures, interval
from functions.scoring.model.risk import ADVICE
from functions.scoring.report.failure_interval import METHOD

if TYPE_CHECKING:
    from functions.scoring.report.data import ReportData
    from functions.scoring.report.fleet_number import NoNumberCode

_ETAG = 12
"""Characters shown of an ETag."""

NO_NUMBER = "No number"
"""In place of one."""

_INSTEAD: dict[NoNumberCode, str] = {
    "no_forecast": "See below how well the model knows these drives, and which attributes they leave out. "
    "For a number, train a model on drives like these.",
    "few_forecasts": "The table of drive models has the numbers that stand. For one of all drives, train a "
    "model on the others too.",
    "drift": "Check whether the export leaves columns out or writes them in another unit: see missing "
    "attributes and drift below. Where neither is so, train a model on these drives.",
}
"""Advice without a number, by the reason there is none."""


def lead(data: ReportData) -> str:
    """Return the line below the file's name."""
    if not data.accepted:
        return "No row of this file could be scored, or it has none."
    drives = f"{count(data.fleet.drives)} {_drives(data.fleet.drives)} on {data.date}"
    return join([drives, f"model {data.manifest.version}", short_etag(data)], " · ")


def short_etag(data: ReportData) -> Markup:
    """Return the beginning of the file's ETag."""
    return join(["ETag ", isolate(data.source.etag.strip('"')[:_ETAG])])


def _drives(number: int) -> str:
    return "drive" if number == 1 else "drives"


def _of_drives(data: ReportData) -> str:
    """Say for how many drives the number stands."""
    stands, drives = data.fleet.forecast_drives, data.fleet.drives
    if stands == drives:
        return f"all {count(drives)} {_drives(drives)}" if drives > 1 else "the one drive"
    return f"{count(stands)} of {count(drives)} {_drives(drives)}"


def headline_tiles(data: ReportData) -> Markup:
    """Return the number of failures, or that there is none, and the drives at risk."""
    fleet = data.fleet
    if not fleet.drives:
        return NOTHING
    within = f"failures expected in {data.manifest.horizon_days} days"
    if data.no_number is not None:
        shown = [Tile(NO_NUMBER, within, data.no_number["sentence"])]
    else:
        assert fleet.expected is not None
        meaning = f"{within}, for {_of_drives(data)}"
        shown = [Tile(failures(fleet.expected), meaning, f"95 % interval: {interval(fleet.interval, 0)}")]
    for level in ("critical", "high", "medium"):
        drives = fleet.risk[level]
        shown.append(Tile(count(drives), f"{_drives(drives)} at {level} risk", ADVICE[level], level))
    return tiles(shown)


def forecast(data: ReportData) -> Markup:
    """Say how many failures to expect of which drives, or why no number is given and what to do."""
    if not data.fleet.drives:
        return NOTHING
    fleet, days = data.fleet, data.manifest.horizon_days
    if data.no_number is not None:
        said = [
            paragraph(f"{NO_NUMBER} is given for the fleet. {data.no_number['sentence']}", "warning"),
            paragraph(_INSTEAD[data.no_number["code"]]),
        ]
    else:
        assert fleet.expected is not None
        said = [
            paragraph(
                f"Of {_of_drives(data)} seen on {data.date}, {failures(fleet.expected)} are expected to fail "
                f"within {days} days: {interval(fleet.interval, 0)} with a chance of 95 %, if the "
                "probabilities are right and drives fail independently of each other."
            ),
            *([paragraph(_left_out(data))] if fleet.forecast_drives < fleet.drives else []),
            paragraph(METHOD, "caption"),
        ]
    if len(data.dates) > 1:
        said.append(
            paragraph(
                f"The file has {count(len(data.dates))} dates, {min(data.dates)} to {max(data.dates)}. "
                f"Forecasts, risk, worst drives and drive models are those of {data.date}, the latest date "
                "with at least half as many rows as the fullest one, so that a drive counts once. Drives "
                "seen on other dates only are not among them; the scored CSV has every row."
            )
        )
    return join(said)


def _left_out(data: ReportData) -> str:
    left = data.fleet.drives - data.fleet.forecast_drives
    them = "it" if left == 1 else "them"
    return (
        f"{count(left)} {_drives(left)} {'is' if left == 1 else 'are'} not counted: no probability of {them} "
        "stands for a number; see how well the model knows the drives."
    )
