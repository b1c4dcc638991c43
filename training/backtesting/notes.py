"""Notes on a backtest that its figures do not give by themselves."""

from __future__ import annotations

import datetime as dt
from typing import Any

from training.backtesting.trained_days import TrainedDays
from training.metrics.decisions import MONTH_DAYS


def notes(document: dict[str, Any], trained: TrainedDays, first: dt.date, last: dt.date) -> list[str]:
    """Return what a person should know before believing a backtest's figures, one sentence each.

    Parameters
    ----------
    document : dict
        The backtest's, but for its notes.
    first, last : datetime.date
        The period asked for.
    """
    notes = []
    version = document["protocol"]["version"]
    if known := trained.fleet_on(first, last):
        honest = "; only the held-out drives were not seen in training" if trained.held_out else ""
        notes.append(
            f"{version} was made from telemetry of {known[0]} to {known[1]}, which covers days of this "
            f"period: these figures are no forward test{honest}"
        )
    elif trained.last:
        notes.append(
            f"{version} knows no day after {trained.last}"
            + (": a forward test" if trained.last < first else "")
        )
    days_inside = (last - first).days + 1
    if days_inside < MONTH_DAYS:
        notes.append(
            f"{days_inside} days are less than a month: drives that are at risk from the first day on "
            f"raise their alarm "
            "within them, so alerts per month come out too high"
        )
    until = document["protocol"]["labelled_until"]
    if until < last.isoformat():
        notes.append(f"outcomes are known until {until}; later days are scored and left out of the figures")
    days = document["days"]
    if days["warm_up"] < document["protocol"]["warm_up_days"]:
        notes.append(
            f"only {days['warm_up']} days of telemetry before {first}: early rows have less history than "
            f"later ones"
        )
    if days["missing"]:
        notes.append(f"{len(days['missing'])} days have no telemetry, the first is {days['missing'][0]}")
    for day, why in list(days["failed"].items())[:3]:
        notes.append(f"the file of {day} could not be scored: {why}")
    if days["rejected_lines"]:
        notes.append(f"{days['rejected_lines']:,} lines were rejected")
    unknown = document["workload"]["unknown_rows"]
    if unknown:
        notes.append(
            f"{unknown:,} scored rows have the risk 'unknown': they raise no alarm, but count in the figures"
        )
    return notes
