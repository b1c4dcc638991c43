from __future__ import annotations

import datetime as dt

import pytest

from training.downloading.errors import DownloadError
from training.downloading.quarter import release_of

TODAY = dt.date(2025, 10, 1)


@pytest.mark.parametrize(
    ("text", "name", "first", "last"),
    [
        ("2025-Q2", "data_Q2_2025.zip", "2025-04-01", "2025-06-30"),
        ("2025q3", "data_Q3_2025.zip", "2025-07-01", "2025-09-30"),
        ("2016-Q1", "data_Q1_2016.zip", "2016-01-01", "2016-03-31"),
        ("2019-Q4", "data_Q4_2019.zip", "2019-10-01", "2019-12-31"),
        ("2015-Q3", "data_2015.zip", "2015-01-01", "2015-12-31"),
        ("2013", "data_2013.zip", "2013-04-10", "2013-12-31"),
    ],
)
def test_the_release_of_a_quarter(text: str, name: str, first: str, last: str) -> None:
    release = release_of(text, TODAY)
    assert (release.name, str(release.first), str(release.last)) == (name, first, last)


def test_a_quarter_has_its_days() -> None:
    assert release_of("2025-Q2", TODAY).days == 91


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Q2 2025", r"'Q2 2025'.*\b2025-Q2\b"),
        ("2025-Q5", "'2025-Q5'"),
        ("2012-Q4", "2013-04-10"),
        ("2020", "2020-Q1"),
        ("2025-Q4", r"\b2025-Q4 .*\b2025-12-31\b"),
    ],
)
def test_what_is_not_published_is_said(text: str, named: str) -> None:
    with pytest.raises(DownloadError, match=named):
        release_of(text, TODAY)
