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

from functions.scoring.risk import LEVELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from functions.errors import DrivecastError
    from functions.scoring.csv_parse import Rows
    from functions.scoring.csv_rejects import Reject
    from functions.scoring.reasons import Reason
    from functions.scoring.scorer import Scores

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


class WorstDrive(msgspec.Struct, frozen=True, order=True):
    """One of the riskiest drives of a file; ordered by probability, then by earlier line."""

    probability: float
    before: int
    line: int
    serial_number: str
    model: str
    risk: str
    reason: str


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
    """

    lines: int = 0
    accepted: int = 0
    rejects: dict[str, int] = {}
    risk: dict[str, int] = {}
    dates: dict[str, int] = {}
    with_history: int = 0
    expected_failures: float = 0.0
    worst: list[WorstDrive] = []

    @classmethod
    def of_block(
        cls, rows: Rows, scores: Scores, reasons: dict[int, list[Reason]], rejects: Sequence[Reject]
    ) -> Tally:
        """Count one block."""
        codes = np.bincount(scores.risk, minlength=len(LEVELS)).tolist()
        days, counts = np.unique(rows.dates, return_counts=True)
        # By probability, as blocks are merged; log-odds would pick other drives where it is 1.0 for many.
        top = np.argsort(-scores.probability, kind="stable")[:WORST]
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
            worst=[_worst(rows, scores, reasons, int(row)) for row in top],
        )

    def add(self, other: Tally) -> None:
        """Add another part of the same file."""
        self.lines += other.lines
        self.accepted += other.accepted
        for mine, theirs in (
            (self.rejects, other.rejects),
            (self.risk, other.risk),
            (self.dates, other.dates),
        ):
            for key, count in theirs.items():
                mine[key] = mine.get(key, 0) + count
        self.with_history += other.with_history
        self.expected_failures += other.expected_failures
        self.worst = heapq.nlargest(WORST, [*self.worst, *other.worst])

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


def _worst(rows: Rows, scores: Scores, reasons: dict[int, list[Reason]], row: int) -> WorstDrive:
    line = int(rows.lines[row])
    found = reasons.get(row)
    return WorstDrive(
        probability=float(str(scores.probability[row])),
        before=-line,
        line=line,
        serial_number=rows.serials[row].as_py(),
        model=rows.models[row].as_py(),
        risk=scores.level(row),
        reason=found[0].sentence if found else "",
    )


def scored_summary(
    source: Source, tally: Tally, model_version: str, history_used: Sequence[str], snapshots: Sequence[str]
) -> dict[str, Any]:
    """Return the summary of a file that was scored.

    Parameters
    ----------
    source : Source
    tally : Tally
        Of the whole file.
    model_version : str
    history_used : sequence of str
        Snapshot days that were joined.
    snapshots : sequence of str
        Snapshots written.
    """
    return {
        "status": "scored",
        "error": None,
        "source": msgspec.to_builtins(source),
        "model_version": model_version,
        "lines": {"data": tally.lines, "accepted": tally.accepted, "rejected": tally.rejected},
        "rejects": dict(sorted(tally.rejects.items())),
        "risk": {level: tally.risk.get(level, 0) for level in LEVELS},
        "dates": dict(sorted(tally.dates.items())),
        "expected_failures": round(tally.expected_failures, 3),
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
