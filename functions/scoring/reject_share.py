"""When a file is taken for damaged as a whole: too many of its lines cannot be scored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.errors import TelemetryFileError

if TYPE_CHECKING:
    from functions.scoring.summary import Tally

MAX_REJECT_SHARE = 0.5
"""Share of rejected lines above which the file as a whole is taken for damaged."""


def refuse_damaged(tally: Tally, max_reject_share: float = MAX_REJECT_SHARE) -> None:
    """Make sure that every line is accounted for, and that enough of them could be scored.

    Parameters
    ----------
    tally : Tally
        Of the whole file.
    max_reject_share : float

    Raises
    ------
    TelemetryFileError
        More than this share of the lines was rejected.
    AssertionError
        A line was lost, see `Tally.check`.
    """
    tally.check()
    if tally.lines and tally.rejected > max_reject_share * tally.lines:
        codes = ", ".join(f"{code}: {count}" for code, count in sorted(tally.rejects.items()))
        msg = (
            f"{tally.rejected} of {tally.lines} lines cannot be scored ({codes}); more than "
            f"{max_reject_share:.0%} is taken for a damaged file."
        )
        raise TelemetryFileError(msg)
