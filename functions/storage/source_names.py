"""Names of sources for whose outputs there is no place; said before the work rather than after it."""

from __future__ import annotations

from functions.storage.errors import SourceNameError, SourceNameTooLongError
from functions.storage.run_outputs import REJECTS, is_output_name, output_stem

LONGEST_NAME = 1024
"""Characters of a blob's name at most;
https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata."""

LONGEST_ADDITION = len("2014-01-25/.arrow")
"""Characters that a snapshot's name has beside the source's without its ending: more than any output's."""


def refuse_long_name(name: str) -> None:
    """Raise `SourceNameTooLongError` if an output of a source would have a name that no blob may have."""
    stem = output_stem(name)
    longest = LONGEST_NAME - LONGEST_ADDITION
    if len(stem) > longest:
        raise SourceNameTooLongError(
            f"The file's path has {len(stem):,} characters without its ending; outputs and snapshots add up "
            f"to {LONGEST_ADDITION} to it, and {LONGEST_NAME:,} are the most a blob may have. Upload it "
            f"under a path of {longest:,} or fewer, not counting .csv or .csv.gz. ({name[:100]}...)"
        )


def refuse_output_name(name: str) -> None:
    """Raise `SourceNameError` if a source is called as the rejects of another one are."""
    if is_output_name(name):
        other = output_stem(name)[: -len(REJECTS.removesuffix(".csv"))]
        raise SourceNameError(
            f"{name} cannot be scored under this name: its result would take the place of the rejected lines "
            f"of {other}.csv, or they its. Upload it under a name that does not end in {REJECTS}."
        )
