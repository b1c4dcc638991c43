"""Which days and drives a version knows, and so which replayed figures are a forward test."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

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
    """

    first: dt.date | None
    last: dt.date | None
    held_out: tuple[int, float] | None

    def covers(self, first: dt.date, last: dt.date) -> bool:
        """Say whether any day of a period went into the version."""
        return bool(self.first and self.last and self.first <= last and self.last >= first)


def trained_days(model: Model) -> TrainedDays:
    """Read what a version says of its training; an older one, or one made otherwise, says less."""
    lineage = model.manifest.lineage
    first, last = (_date(lineage.get(key)) for key in ("first_date", "last_date"))
    try:
        evaluation = msgspec.json.decode((model.folder / EVALUATION_FILE).read_bytes())
        protocol = evaluation["protocol"]
        if evaluation["release"]["refit"] is False:
            ends = [period.get("validation", period["train"])[1] for period in protocol["periods"]]
            # The labels of the last day validated on look a horizon further.
            last = dt.date.fromisoformat(max(ends)) + dt.timedelta(days=protocol["horizon_days"])
        return TrainedDays(first, last, (int(protocol["seed"]), float(protocol["held_out_drives"])))
    except (OSError, msgspec.DecodeError, KeyError, TypeError, ValueError, AttributeError):
        return TrainedDays(first, last, None)


def _date(text: object) -> dt.date | None:
    return dt.date.fromisoformat(text) if isinstance(text, str) else None
