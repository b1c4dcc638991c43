"""The record of one scored range, and how ranges add up to their file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from functions.scoring.summary import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable


class RangePart(msgspec.Struct):
    """The record of one scored range; written last, so that its being there says the range is done.

    Attributes
    ----------
    index : int
        Position among the file's ranges, from 0.
    lines_before : int
        Data lines of the file before it.
    tally : Tally
    scored, rejects : list of str
        Ids of its staged blocks of either output, in order.
    days_joined : list of str
        Snapshot days its rows were joined with.
    app_version : str
        Of the app that scored it.
    """

    index: int
    lines_before: int
    tally: Tally
    scored: list[str]
    rejects: list[str]
    days_joined: list[str]
    app_version: str


def tally_of_file(parts: Iterable[RangePart]) -> Tally:
    """Add the ranges up, as if the file had been scored in one piece."""
    whole = Tally()
    for part in parts:
        whole.add(part.tally)
    return whole
