"""The summary of a file, written last: counts that add up.

It holds no clock readings, so that equal input, history and model give equal bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from functions.scoring.model.risk import LEVELS
from functions.scoring.model.scope import SCOPES
from functions.scoring.report.drift import drift_summary
from functions.scoring.report.failure_interval import failure_interval
from functions.scoring.report.fleet_day import reported_day
from functions.scoring.report.fleet_number import NO_NUMBER_CODES, no_number_because
from functions.scoring.report.tally import Source, Tally
from functions.scoring.shadow.summary import shadow_summary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from functions.errors import DrivecastError
    from functions.scoring.model.manifest import Manifest


def scored_summary(
    source: Source, tally: Tally, manifest: Manifest, history_used: Sequence[str], snapshots: Sequence[str]
) -> dict[str, Any]:
    """Return the summary of a file that was scored; `challenger` is there only with one.

    Parameters
    ----------
    tally : Tally
        Of the whole file.
    history_used : sequence of str
        Snapshot days that were joined.
    snapshots : sequence of str
        Snapshots written.
    """
    drift = drift_summary(tally.drift, tally.similar_drift, manifest)
    shadow = {} if tally.shadow is None else {"challenger": shadow_summary(tally.shadow)}
    return {
        "status": "scored",
        "error": None,
        "source": msgspec.to_builtins(source),
        "model_version": manifest.version,
        "lines": {"data": tally.lines, "accepted": tally.accepted, "rejected": tally.rejected},
        "rejects": dict(sorted(tally.rejects.items())),
        "risk": {level: tally.risk.get(level, 0) for level in LEVELS},
        "scope": {scope: tally.scope.get(scope, 0) for scope in SCOPES},
        "missing": {str(attribute): rows for attribute, rows in sorted(tally.missing.items())},
        "stand_ins": {str(attribute): rows for attribute, rows in sorted(tally.stand_ins.items())},
        "dates": dict(sorted(tally.dates.items())),
        "expected_failures": round(tally.expected_failures, 3),
        "fleet": _fleet(tally, drift),
        "history": {
            "rows_with_history": tally.with_history,
            "days_joined": sorted(history_used),
            "snapshots_written": list(snapshots),
        },
        "worst": [
            {
                "serial_number": drive.serial_number,
                "model": drive.model,
                "line": drive.line,
                "probability": drive.probability,
                "risk": drive.risk,
                "scope": drive.scope,
                "reason": drive.reason,
            }
            for drive in tally.worst
        ],
        "drift": drift,
        **shadow,
    }


ROW_FIELDS = {
    "risk": "Rows by risk level.",
    "scope": "Rows by scope.",
    "missing": "Rows without a value, by SMART attribute that the model reads; those that no row lacks are "
    "left out.",
    "stand_ins": "Rows with a forecast among these that took another attribute's value, by the missing one.",
    "dates": "Rows by date.",
    "expected_failures": "Sum of the probabilities that stand, of all rows: a drive counts once a date.",
}
"""Fields of a summary that count rows, with their meaning."""

FLEET_FIELDS = {
    "date": "The date that stands for the fleet.",
    "drives": "Drives of that date.",
    "scope": "Drives by scope: `trained`, `similar`, `unknown`.",
    "forecast_drives": "Drives whose forecast stands: those that were trained on, and similar ones where the "
    "model has a calibration for them.",
    "expected_failures": "Sum of their probabilities; null where no number is given.",
    "interval_95": "Ends of the 95 % interval of that number; null without it.",
    "no_number_because": "Why no number is given, `code` and `sentence`; null where one is. Codes: "
    + " ".join(f"`{code}`: {meaning}" for code, meaning in NO_NUMBER_CODES.items()),
}
"""Fields of a summary's `fleet`, with their meaning."""


def _fleet(tally: Tally, drift: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what is said of the date that stands for the fleet, see `FLEET_FIELDS`; None without rows."""
    date = reported_day(tally.dates, tally.days)
    if date is None:
        return None
    whole = tally.days[date].whole
    because = no_number_because(whole, drift)
    return {
        "date": date,
        "drives": whole.drives,
        "scope": dict(zip(SCOPES, whole.scope, strict=True)),
        "forecast_drives": whole.counted,
        "expected_failures": None if because else round(whole.expected_failures, 3),
        "interval_95": None if because else list(failure_interval(whole)),
        "no_number_because": msgspec.to_builtins(because),
    }


def failed_summary(source: Source, error: DrivecastError, model_version: str, tally: Tally) -> dict[str, Any]:
    """Return the summary of a file that could not be scored as a whole."""
    return {
        "status": "failed",
        "error": {"code": error.code, "title": error.title, "detail": error.detail},
        "source": msgspec.to_builtins(source),
        "model_version": model_version,
        "lines": {"data": tally.lines, "accepted": 0, "rejected": tally.lines},
        "rejects": dict(sorted(tally.rejects.items())),
    }


def summary_json(summary: dict[str, Any]) -> bytes:
    """Return a summary as indented JSON, UTF-8."""
    return msgspec.json.format(msgspec.json.encode(summary), indent=2) + b"\n"
