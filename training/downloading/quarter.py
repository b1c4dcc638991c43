"""Backblaze's publications: one zip for each quarter, before 2016 for each year."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from training.downloading.errors import DownloadError

BASE_URL = "https://f001.backblazeb2.com/file/Backblaze-Hard-Drive-Data/"
"""Where backblaze.com's page "Hard Drive Test Data" links to."""

FIRST_DAY = dt.date(2013, 4, 10)
"""The first day ever published."""

FIRST_QUARTERLY_YEAR = 2016

_QUARTER = re.compile(r"(\d{4})(?:-?Q([1-4]))?", re.IGNORECASE)


@dataclass(frozen=True)
class PublishedQuarter:
    """One published zip.

    Attributes
    ----------
    name : str
        File name, such as ``data_Q2_2025.zip`` or ``data_2014.zip``.
    first, last : datetime.date
        The days it should hold, both included.
    """

    name: str
    first: dt.date
    last: dt.date

    @property
    def days(self) -> int:
        """Number of days it should hold."""
        return (self.last - self.first).days + 1


def release_of(text: str, today: dt.date) -> PublishedQuarter:
    """Return the release that holds a quarter.

    Parameters
    ----------
    text : str
        ``2025-Q2``; before 2016 also a year, ``2014``, because a whole year is published in one zip then.
    today : datetime.date
        A quarter that has not ended by then is not published.

    Raises
    ------
    DownloadError
        When it is no quarter, or lies before the first release or not in the past.
    """
    match = _QUARTER.fullmatch(text.strip())
    if not match:
        raise DownloadError(f"{text!r} is not a quarter; expected a year and a quarter such as 2025-Q2")
    year, quarter = int(match[1]), int(match[2] or 0)
    if year < FIRST_DAY.year:
        raise DownloadError(f"there is no telemetry of {year}; the first day published is {FIRST_DAY}")
    if year < FIRST_QUARTERLY_YEAR:
        first = max(dt.date(year, 1, 1), FIRST_DAY)
        return PublishedQuarter(f"data_{year}.zip", first, dt.date(year, 12, 31))
    if not quarter:
        raise DownloadError(f"{year} is published by quarter; ask for {year}-Q1 to {year}-Q4")
    after = dt.date(year + quarter // 4, quarter % 4 * 3 + 1, 1)
    if after > today:
        raise DownloadError(
            f"{year}-Q{quarter} ends on {after - dt.timedelta(days=1)}; a quarter is published some weeks "
            "after it has ended"
        )
    first = dt.date(year, quarter * 3 - 2, 1)
    return PublishedQuarter(f"data_Q{quarter}_{year}.zip", first, after - dt.timedelta(days=1))
