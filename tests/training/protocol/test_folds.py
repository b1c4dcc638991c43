from __future__ import annotations

import re

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.drive_histories import fleet
from training.protocol.folds import ForwardGroupedFolds


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 4), st.integers(1, 7), st.integers(20, 60), st.integers(0, 99), st.booleans())
def test_folds_go_forward_with_an_embargo_and_share_no_drive(
    n_splits: int, horizon: int, days: int, seed: int, two_periods: bool
) -> None:
    frame = fleet(25, days)
    if two_periods:
        frame = pl.concat([frame, fleet(25, days, first=500)])
    frame = frame.sample(fraction=1, shuffle=True, seed=seed)
    folds = ForwardGroupedFolds(frame["date"], n_splits, horizon, seed)
    validated: list[set[str]] = []
    try:
        split = list(folds.split(frame["serial_number"]))
    except ValueError as error:
        if not re.match(r"fold \d of \d ", str(error)):
            raise
        return
    assert len(split) == n_splits
    for train, validation in split:
        gap = frame["date"][validation].min() - frame["date"][train].max()  # type: ignore[operator]
        assert gap.days > horizon  # type: ignore[union-attr]
        drives = set(frame["serial_number"][validation])
        assert not drives & set(frame["serial_number"][train])
        validated.append(drives)
    assert len(set.union(*validated)) == sum(map(len, validated))


def test_what_cannot_be_folded_is_refused() -> None:
    frame = fleet(10, 33)
    with pytest.raises(ValueError, match=r"\b34 days\b.*\b33\b"):
        ForwardGroupedFolds(frame["date"])
    with pytest.raises(ValueError, match=r"\b2 folds\b.*\b1\b"):
        ForwardGroupedFolds(frame["date"], 1)
    folds = ForwardGroupedFolds(frame["date"], 2, 7)
    with pytest.raises(ValueError, match=r"\b5 serial numbers\b.*\b330 dates\b"):
        next(folds.split(frame["serial_number"].head(5)))
    one_drive = fleet(1, 33)
    with pytest.raises(ValueError, match=r"\bfold \d of 2\b.*\b0\b"):
        list(ForwardGroupedFolds(one_drive["date"], 2, 7).split(one_drive["serial_number"]))
