"""Counts of some lines of a file, a block's or a range's; they add up in any order.

A tally holds no clock readings, so that equal input, history and model give equal bytes.
"""

from __future__ import annotations

import heapq
from collections import Counter
from operator import attrgetter
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from functions.errors import TelemetryFileError
from functions.scoring.csv.rejects import MOST_LISTED, SOUND_CODES
from functions.scoring.model.risk import LEVELS
from functions.scoring.model.scope import SCOPES
from functions.scoring.report.drift import add_counts
from functions.scoring.report.fleet_day import FleetDay, days_of_block, merged_days
from functions.scoring.report.top_drives import WorstDrive, worst_drives
from functions.scoring.shadow.tally import ShadowTally

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from functions.scoring.csv.parser import Rows
    from functions.scoring.csv.rejects import Reject
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
    risk, dates : dict of str to int
        Rows by risk level, and by date.
    with_history : int
        Rows for which any earlier snapshot was found.
    by_serial : int
        Rows whose history was found by their serial number alone, for the model or its challenger.
    scope : dict of str to int
        Rows by scope.
    expected_failures : float
        Sum of the probabilities that stand, see `functions.scoring.model.scorer.Scores.counted`.
    worst : list of WorstDrive
        At most `WORST`, of known scope.
    missing : dict of int to int
        Rows without a value, by SMART attribute of the model; those that no row lacks are left out.
    stand_ins : dict of int to int
        Rows with a forecast among these that took another attribute's value, by the missing one.
    history_days : dict of int to int
        Rows by age in days of the oldest earlier snapshot used; 0 for those that stand alone.
    days : dict of str to FleetDay
        Drives on the latest dates.
    drift, similar_drift : dict of str to list of int
        Rows of scope trained and of scope similar by feature and bin, see
        `functions.scoring.report.drift.DriftCounter`.
    shadow : ShadowTally or None
        The challenger's counts, if there is one.
    """

    lines: int = 0
    accepted: int = 0
    rejects: dict[str, int] = {}
    risk: dict[str, int] = {}
    scope: dict[str, int] = {}
    dates: dict[str, int] = {}
    with_history: int = 0
    by_serial: int = 0
    expected_failures: float = 0.0
    worst: list[WorstDrive] = []
    missing: dict[int, int] = {}
    stand_ins: dict[int, int] = {}
    history_days: dict[int, int] = {}
    days: dict[str, FleetDay] = {}
    drift: dict[str, list[int]] = {}
    similar_drift: dict[str, list[int]] = {}
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
        """Count one block; *reasons* are by row, *missing* counts rows without a value by SMART attribute."""
        codes = np.bincount(scores.risk, minlength=len(LEVELS)).tolist()
        scopes = np.bincount(scores.scope, minlength=len(SCOPES)).tolist()
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
            rejects=dict(Counter(map(attrgetter("code"), rejects))),
            risk={level: count for level, count in zip(LEVELS, codes, strict=True) if count},
            scope={scope: count for scope, count in zip(SCOPES, scopes, strict=True) if count},
            dates=dict(zip(np.datetime_as_string(days).tolist(), counts.tolist(), strict=True)),
            with_history=int((scores.history_days > 0).sum()),
            # Multiples of 2**-32 add up without rounding, hence in any order, up to two million failures.
            expected_failures=float(np.round(scores.counted_probability * 2.0**32).sum() / 2.0**32),
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
        _add(self.scope, other.scope)
        _add(self.dates, other.dates)
        _add(self.missing, other.missing)
        _add(self.stand_ins, other.stand_ins)
        _add(self.history_days, other.history_days)
        self.with_history += other.with_history
        self.by_serial += other.by_serial
        self.expected_failures += other.expected_failures
        self.worst = heapq.nlargest(WORST, [*self.worst, *other.worst])
        self.days = merged_days(self.days, other.days)
        add_counts(self.drift, other.drift)
        add_counts(self.similar_drift, other.similar_drift)
        if other.shadow is not None:
            self.shadow = other.shadow if self.shadow is None else self.shadow.merge(other.shadow)

    def reset(self) -> None:
        """Start counting anew."""
        fresh = type(self)()
        for field in self.__struct_fields__:
            setattr(self, field, getattr(fresh, field))

    @property
    def rejected(self) -> int:
        """Lines that were not scored."""
        return sum(self.rejects.values())

    @property
    def faulty(self) -> int:
        """Rejected lines with which something is wrong."""
        return sum(count for code, count in self.rejects.items() if code not in SOUND_CODES)

    def check(self) -> None:
        """Raise AssertionError if a line was lost or counted twice: nothing may be published then."""
        if self.accepted + self.rejected != self.lines or sum(self.risk.values()) != self.accepted:
            msg = f"{self.lines} data lines, but {self.accepted} accepted and {self.rejected} rejected"
            raise AssertionError(msg)


def _add[K](mine: dict[K, int], theirs: Mapping[K, int]) -> None:
    for key, count in theirs.items():
        mine[key] = mine.get(key, 0) + count


MAX_REJECT_SHARE = 0.5
"""Share of rejected lines above which the file as a whole is taken for damaged."""


class DamagedFileError(Exception):
    """Too many lines of a file are rejected, and more than its rejects CSV lists."""


def refuse_damaged(
    tally: Tally, max_reject_share: float = MAX_REJECT_SHARE, rows_left: int | None = None
) -> None:
    """Make sure that every line of a whole file is accounted for, and that enough of them can be scored.

    Parameters
    ----------
    tally : Tally
        Of the whole file, or of some of it.
    rows_left : int, optional
        For some of a file, the most rows that the rest can have; None for a whole file.

    Raises
    ------
    TelemetryFileError
        More than *max_reject_share* of the lines are rejected, for what is wrong with them.
    DamagedFileError
        In its place for more than `MOST_LISTED` rejects: in a part, the counts of the whole are not known.
    AssertionError
        A line was lost, see `Tally.check`.
    """
    if rows_left is None:
        tally.check()
    rejected = tally.faulty
    if rejected and rejected > max_reject_share * (tally.lines + (rows_left or 0)):
        if rejected > MOST_LISTED:
            msg = (
                f"More than {MOST_LISTED:,} lines cannot be scored, and more than {max_reject_share:.0%} of "
                "all the file can have, which is taken for a damaged file."
            )
            raise DamagedFileError(msg)
        codes = ", ".join(
            f"{code}: {count}" for code, count in sorted(tally.rejects.items()) if code not in SOUND_CODES
        )
        msg = (
            f"{rejected} of {tally.lines} lines cannot be scored ({codes}); more than "
            f"{max_reject_share:.0%} is taken for a damaged file."
        )
        raise TelemetryFileError(msg)
