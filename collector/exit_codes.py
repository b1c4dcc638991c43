"""Exit codes of the command, for monitoring."""

from __future__ import annotations

from typing import Iterable, NamedTuple


class ExitCode(NamedTuple):
    """One exit code, and what it asks of whoever is called by it."""

    number: int
    name: str
    meaning: str
    remedy: str


OK = ExitCode(0, "ok", "Every drive was read, and everything was delivered.", "")
UNEXPECTED = ExitCode(
    1,
    "unexpected",
    "An error that was not foreseen; its traceback is printed.",
    "Report it with the traceback.",
)
CONFIGURATION = ExitCode(
    2,
    "configuration",
    "An option, variable, ini file, smartctl itself or a file to write cannot be used.",
    "Mend what the line names.",
)
SOME_UNREADABLE = ExitCode(
    3,
    "some_unreadable",
    "Some drives could not be read; the others were delivered.",
    "See the line of each drive: it has the cause and what to try.",
)
NOTHING_READ = ExitCode(
    4,
    "nothing_read",
    "No drive was found, or none could be read; drives left in standby do not count.",
    "Run `smartctl --scan` as the same user; name drives with --device.",
)
SPOOLED = ExitCode(
    5,
    "spooled",
    "The receiver did not answer; the readings are kept and go out with the next run.",
    "Nothing, unless it stays so for days.",
)
REFUSED = ExitCode(
    6,
    "refused",
    "The receiver refused: a key, SAS or role that does not suffice, or a content it does not take.",
    "Mend what the line names; what a new key can deliver is kept.",
)
LOST = ExitCode(
    7,
    "lost",
    "Readings were given up: the spool was full, could not be written, or was damaged.",
    "Look why the receiver does not answer; raise --spool-mb or free the disk.",
)
BUSY = ExitCode(
    8,
    "busy",
    "Another run works in the same state folder.",
    "Let the timer start it less often; lower --timeout.",
)

EXIT_CODES = (OK, UNEXPECTED, CONFIGURATION, SOME_UNREADABLE, NOTHING_READ, SPOOLED, REFUSED, LOST, BUSY)
"""In the order of their numbers."""

_GRAVITY = (OK, SOME_UNREADABLE, NOTHING_READ, SPOOLED, REFUSED, LOST)
"""Those that one run may come to together, the lightest first."""


def gravest(found: Iterable[ExitCode]) -> ExitCode:
    """Return the code to exit with where a run came to several."""
    return max(found, key=_GRAVITY.index, default=OK)
