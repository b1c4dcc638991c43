"""Which days and drives a version knows, and so which replayed figures are a forward test."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from functions.scoring.model.onnx_model import Model
from training.reporting.evaluation_file import EVALUATION_FILE


@dataclass(frozen=True)
class TrainedDays:
    """The data a version was made from.

    Attributes
    ----------
    first, last : datetime.date or None
        The days whose telemetry went into fitting, calibration, thresholds or labels; None when the version
        does not say.
    held_out : tuple of int and float, or None
        Seed and share of the drives that training held out; None when the version does not say.
    others : tuple of (datetime.date, datetime.date)
        First and last day of other fleets that a member of it learned from too.
    """

    first: dt.date | None
    last: dt.date | None
    held_out: tuple[int, float] | None
    others: tuple[tuple[dt.date, dt.date], ...] = ()

    def covers(self, first: dt.date, last: dt.date) -> bool:
        """Say whether any day of a period went into the version."""
        return self.fleet_on(first, last) is not None

    def fleet_on(self, first: dt.date, last: dt.date) -> tuple[dt.date, dt.date] | None:
        """Return first and last day of a fleet that has a day of a period; None where none has."""
        own = ((self.first, self.last),) if self.first and self.last else ()
        for begin, end in (*own, *self.others):
            if begin <= last and end >= first:
                return begin, end
        return None


def trained_days(model: Model) -> TrainedDays:
    """Read what a version says of its training; an older one, or one made otherwise, says less."""
    lineage = model.manifest.lineage
    first, last = _days(lineage)
    others = tuple(
        (begin, end)
        for begin, end in map(_days, lineage.get("beside", []))
        if begin is not None and end is not None
    )
    try:
        evaluation = msgspec.json.decode((model.folder / EVALUATION_FILE).read_bytes())
        protocol = evaluation["protocol"]
        if evaluation["release"]["refit"] is False:
            ends = [period.get("validation", period["train"])[1] for period in protocol["periods"]]
            # The labels of the last day validated on look a horizon further.
            last = dt.date.fromisoformat(max(ends)) + dt.timedelta(days=protocol["horizon_days"])
        return TrainedDays(first, last, (int(protocol["seed"]), float(protocol["held_out_drives"])), others)
    except (OSError, msgspec.DecodeError, KeyError, TypeError, ValueError, AttributeError):
        return TrainedDays(first, last, None, others)


def _days(lineage: Mapping[str, Any]) -> tuple[dt.date | None, dt.date | None]:
    return _date(lineage.get("first_date")), _date(lineage.get("last_date"))


def _date(text: object) -> dt.date | None:
    return dt.date.fromisoformat(text) if isinstance(text, str) else None
