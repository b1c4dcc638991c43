"""Every number of a file's report, before it becomes a page.

Nothing here depends on a clock or on chance: equal input, history and model give equal reports.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from functions.scoring.csv.rejects import REJECT_CODES
from functions.scoring.model.risk import LEVELS
from functions.scoring.model.scope import SCOPES
from functions.scoring.report.failure_interval import failure_interval
from functions.scoring.report.fleet_day import EDGES, no_drives, reported_day
from functions.scoring.smart import ATTRIBUTES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from functions.scoring.model.manifest import Manifest
    from functions.scoring.report.fleet_day import DriveCounts
    from functions.scoring.report.tally import Source, Tally
    from functions.scoring.report.top_drives import WorstDrive


@dataclass(frozen=True, slots=True)
class DriveForecast:
    """Failures to expect of some drives within the horizon.

    Attributes
    ----------
    forecast_drives : int
        Those whose forecast stands.
    expected : float or None
        Sum of their probabilities; None where no number is given.
    interval : (int, int) or None
        See `functions.scoring.report.failure_interval`; None without a number.
    scope, risk : dict of str to int
        Drives by scope and by level: all of each.
    """

    name: str
    drives: int
    forecast_drives: int
    expected: float | None
    interval: tuple[int, int] | None
    scope: dict[str, int]
    risk: dict[str, int]


@dataclass(frozen=True, slots=True)
class MissingValues:
    """How many rows lack one attribute of the model, and for how many of these another one stood in.

    Attributes
    ----------
    stand_in : int or None
        The attribute that stands in; None where the model has none for it.
    """

    attribute: int
    name: str
    rows: int
    stand_in: int | None = None
    replaced: int = 0


@dataclass(frozen=True, slots=True)
class ReportData:
    """Everything a report shows.

    Attributes
    ----------
    lines, accepted : int
        Data lines, and rows that were scored.
    rejects : list of (str, str, int)
        Code, meaning, lines; the most frequent first.
    date : str
        The date that stands for the fleet, see `functions.scoring.report.fleet_day`; empty without rows.
    dates : dict of str to int
        Rows by date, ascending.
    fleet : DriveForecast
        All drives of that date.
    no_number : mapping or None
        Why no number of failures is given of it, see `functions.scoring.report.fleet_number.NoNumber`.
    histogram : list of (str, int)
        Bins of probability in words, and their drives.
    models : list of DriveForecast
        By drive model, the most failures first.
    others : DriveForecast or None
        The drive models that are not counted apart, together.
    worst : sequence of WorstDrive
        Of that date.
    history_days : dict of int to int
        Rows by age in days of the oldest snapshot used, 0 for none; ascending.
    drift : mapping
        The summary's, see `functions.scoring.report.drift`.
    challenger : mapping or None
        The summary's, see `functions.scoring.shadow.summary`.
    """

    source: Source
    manifest: Manifest
    lines: int
    accepted: int
    rejects: list[tuple[str, str, int]]
    date: str
    dates: dict[str, int]
    fleet: DriveForecast
    no_number: Mapping[str, Any] | None
    histogram: list[tuple[str, int]]
    models: list[DriveForecast]
    others: DriveForecast | None
    worst: Sequence[WorstDrive]
    missing: list[MissingValues]
    history_days: dict[int, int]
    days_joined: list[str]
    drift: Mapping[str, Any]
    challenger: Mapping[str, Any] | None

    @property
    def with_history(self) -> int:
        """Rows that were compared with an earlier snapshot."""
        return sum(count for age, count in self.history_days.items() if age)


def report_data(source: Source, tally: Tally, summary: Mapping[str, Any], manifest: Manifest) -> ReportData:
    """Return the figures of a whole scored file's report; *manifest* is that of the model that scored it."""
    date = reported_day(tally.dates, tally.days)
    day = None if date is None else tally.days[date]
    no_number = summary["fleet"]["no_number_because"] if day else None
    # Drift is that of all drives of a scope: it forbids the number of each of their models, too.
    drifted = no_number is not None and no_number["code"] == "drift"
    models = [
        _forecast(name, counts, allowed=not drifted) for name, counts in (day.models if day else {}).items()
    ]
    others = _forecast("other models", day.others, allowed=not drifted) if day and day.others.drives else None
    return ReportData(
        source=source,
        manifest=manifest,
        lines=tally.lines,
        accepted=tally.accepted,
        rejects=[
            (code, REJECT_CODES.get(code, ""), count)
            for code, count in sorted(tally.rejects.items(), key=lambda item: (-item[1], item[0]))
        ],
        date=date or "",
        dates=dict(sorted(tally.dates.items())),
        fleet=_forecast("all drives", day.whole if day else no_drives(), allowed=no_number is None),
        no_number=no_number,
        histogram=list(zip(_bins(), day.histogram, strict=True)) if day else [],
        models=sorted(models, key=lambda model: (-(model.expected or 0.0), model.name)),
        others=others,
        worst=day.worst if day else [],
        missing=[
            MissingValues(
                attribute,
                ATTRIBUTES[attribute].name,
                tally.missing.get(attribute, 0),
                manifest.stand_ins.get(attribute),
                tally.stand_ins.get(attribute, 0),
            )
            for attribute in sorted({feature.attribute for feature in manifest.features})
        ],
        history_days=dict(sorted(tally.history_days.items())),
        days_joined=list(summary["history"]["days_joined"]),
        drift=summary["drift"],
        challenger=summary.get("challenger"),
    )


def _forecast(name: str, counts: DriveCounts, *, allowed: bool) -> DriveForecast:
    """Return the forecast of some drives, without a number where it is not *allowed* or none stands."""
    stands = allowed and counts.counted > 0
    return DriveForecast(
        name,
        counts.drives,
        counts.counted,
        counts.expected_failures if stands else None,
        failure_interval(counts) if stands else None,
        dict(zip(SCOPES, counts.scope, strict=True)),
        dict(zip(LEVELS, counts.risk, strict=True)),
    )


def _bins() -> list[str]:
    edges = [f"{edge * 100:g}" for edge in EDGES]
    between = [f"{low} to {high} %" for low, high in pairwise(edges)]
    return [f"below {edges[0]} %", *between, f"{edges[-1]} % and more"]
