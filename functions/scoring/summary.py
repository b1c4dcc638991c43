"""What happened to a file: counts that add up, and the summary written last.

A `Tally` counts one block or one range and adds up with others in any order; the summary is made of the
whole. It holds no clock readings, so that the same input, history and model give the same bytes.
"""

from __future__ import annotations

import heapq
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from functions.scoring.drift import add_counts, drift_summary
from functions.scoring.failure_interval import failure_interval
from functions.scoring.fleet_day import FleetDay, days_of_block, merged_days, reported_day
from functions.scoring.model.risk import LEVELS
from functions.scoring.shadow.summary import shadow_summary
from functions.scoring.shadow.tally import ShadowTally
from functions.scoring.worst_drive import WorstDrive, worst_drives

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from functions.errors import DrivecastError
    from functions.scoring.csv.parser import Rows
    from functions.scoring.csv.rejects import Reject
    from functions.scoring.model.manifest import Manifest
    from functions.scoring.model.reasons import Reason
    from functions.scoring.model.scorer import Scores

WORST = 10
"""Drives listed in a summary, the riskiest first."""


class Source(msgspec.Struct, frozen=True):
    """The input file.

    Attributes
    ----------
    name : str
        Path within the container, or file name.
    etag : str
        Identifies its content; of local files, size and time of change.
    bytes : int
    """

    name: str
    etag: str
    bytes: int


class Tally(msgspec.Struct):
    """Counts of some lines of a file.

    Attributes
    ----------
    lines, accepted : int
        Data lines read, rows scored.
    rejects : dict of str to int
        Rejected lines by code.
    risk : dict of str to int
        Rows by risk level.
    dates : dict of str to int
        Rows by date.
    with_history : int
        Rows for which any earlier snapshot was found.
    expected_failures : float
        Sum of the probabilities.
    worst : list of WorstDrive
        `WORST` at most.
    missing : dict of int to int
        Rows without a value, by SMART attribute of the model; those that lack none are left out.
    history_days : dict of int to int
        Rows by age in days of the oldest earlier snapshot used; 0 for those that stand alone.
    days : dict of str to FleetDay
        Drives on the latest dates.
    drift : dict of str to list of int
        Rows by feature and bin, see `functions.scoring.drift.DriftCounter`.
    shadow : ShadowTally or None
        What the challenger would have said, if there is one.
    """

    lines: int = 0
    accepted: int = 0
    rejects: dict[str, int] = {}
    risk: dict[str, int] = {}
    dates: dict[str, int] = {}
    with_history: int = 0
    expected_failures: float = 0.0
    worst: list[WorstDrive] = []
    missing: dict[int, int] = {}
    history_days: dict[int, int] = {}
    days: dict[str, FleetDay] = {}
    drift: dict[str, list[int]] = {}
    shadow: ShadowTally | None = None

    @classmethod
    def of_block(
        cls,
        rows: Rows,
        models: pa.DictionaryArray,
        scores: Scores,
        reasons: dict[int, list[Reason]],
        rejects: Sequence[Reject],
        missing: dict[int, int],
    ) -> Tally:
        """Count one block.

        Parameters
        ----------
        rows : Rows
        models : dictionary array
            The rows' drive models.
        scores : Scores
        reasons : dict of int to list of Reason
            By row.
        rejects : sequence of Reject
        missing : dict of int to int
            Rows without a value, by SMART attribute of the model.
        """
        codes = np.bincount(scores.risk, minlength=len(LEVELS)).tolist()
        days, counts = np.unique(rows.dates, return_counts=True)
        fleet = days_of_block(days, rows, models, scores, reasons)
        if len(days) == 1:
            worst = fleet[str(days[0])].worst[:WORST]
        else:
            worst = worst_drives(WORST, rows, scores, reasons)
        reach = np.bincount(scores.history_days)
        return cls(
            lines=len(rows.lines) + len(rejects),
            accepted=len(rows.lines),
            rejects=dict(Counter(reject.code for reject in rejects)),
            risk={level: count for level, count in zip(LEVELS, codes, strict=True) if count},
            dates=dict(zip(np.datetime_as_string(days).tolist(), counts.tolist(), strict=True)),
            with_history=int((scores.history_days > 0).sum()),
            # Multiples of 2**-32 add up without rounding, hence in any order, up to two million failures.
            expected_failures=float(
                np.round(scores.probability.astype(np.float64) * 2.0**32).sum() / 2.0**32
            ),
            worst=worst,
            missing=missing,
            history_days={age: count for age, count in enumerate(reach.tolist()) if count},
            days=fleet,
        )

    def add(self, other: Tally) -> None:
        """Add another part of the same file."""
        self.lines += other.lines
        self.accepted += other.accepted
        _add(self.rejects, other.rejects)
        _add(self.risk, other.risk)
        _add(self.dates, other.dates)
        _add(self.missing, other.missing)
        _add(self.history_days, other.history_days)
        self.with_history += other.with_history
        self.expected_failures += other.expected_failures
        self.worst = heapq.nlargest(WORST, [*self.worst, *other.worst])
        self.days = merged_days(self.days, other.days)
        add_counts(self.drift, other.drift)
        if other.shadow is not None:
            self.shadow = other.shadow if self.shadow is None else self.shadow.merged(other.shadow)

    def reset(self) -> None:
        """Start counting anew."""
        fresh = type(self)()
        for field in self.__struct_fields__:
            setattr(self, field, getattr(fresh, field))

    @property
    def rejected(self) -> int:
        """Lines that were not scored."""
        return sum(self.rejects.values())

    def check(self) -> None:
        """Make sure that every line is accounted for.

        Raises
        ------
        AssertionError
            A line was lost or counted twice. Nothing may be published then.
        """
        if self.accepted + self.rejected != self.lines or sum(self.risk.values()) != self.accepted:
            msg = f"{self.lines} data lines, but {self.accepted} accepted and {self.rejected} rejected"
            raise AssertionError(msg)


def _add[K](mine: dict[K, int], theirs: Mapping[K, int]) -> None:
    for key, count in theirs.items():
        mine[key] = mine.get(key, 0) + count


def scored_summary(
    source: Source, tally: Tally, manifest: Manifest, history_used: Sequence[str], snapshots: Sequence[str]
) -> dict[str, Any]:
    """Return the summary of a file that was scored.

    Parameters
    ----------
    source : Source
    tally : Tally
        Of the whole file.
    manifest : Manifest
        Of the model that scored it.
    history_used : sequence of str
        Snapshot days that were joined.
    snapshots : sequence of str
        Snapshots written.

    Returns
    -------
    dict
        `challenger` is there only with a challenger; see `functions.scoring.shadow.summary`.
    """
    shadow = {} if tally.shadow is None else {"challenger": shadow_summary(tally.shadow)}
    return {
        "status": "scored",
        "error": None,
        "source": msgspec.to_builtins(source),
        "model_version": manifest.version,
        "lines": {"data": tally.lines, "accepted": tally.accepted, "rejected": tally.rejected},
        "rejects": dict(sorted(tally.rejects.items())),
        "risk": {level: tally.risk.get(level, 0) for level in LEVELS},
        "dates": dict(sorted(tally.dates.items())),
        "expected_failures": round(tally.expected_failures, 3),
        "fleet": _fleet(tally),
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
                "reason": drive.reason,
            }
            for drive in tally.worst
        ],
        "drift": drift_summary(tally.drift, manifest),
        **shadow,
    }


def _fleet(tally: Tally) -> dict[str, Any] | None:
    """Return what is said of the date that stands for the fleet; None without rows."""
    date = reported_day(tally.dates, tally.days)
    if date is None:
        return None
    whole = tally.days[date].whole
    return {
        "date": date,
        "drives": whole.drives,
        "expected_failures": round(whole.expected_failures, 3),
        "interval_95": list(failure_interval(whole)),
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
