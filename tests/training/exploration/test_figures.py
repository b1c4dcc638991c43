"""The figures against computations of another kind, on a small simulated fleet divided in parts."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from tests.training.exploration.parts import simulated
from training.exploration import survey as room
from training.exploration.survey import Survey, survey
from training.telemetry.shards import open_shards

pytestmark = pytest.mark.slow

HORIZON = dt.timedelta(days=30)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> tuple[pl.DataFrame, Survey]:
    folder = tmp_path_factory.mktemp("fleet")
    frame = simulated(folder)
    patch = pytest.MonkeyPatch()
    # Five shards: sums over parts are what is to be shown right, and this fleet would fit in one.
    patch.setattr(room, "open_shards", lambda *args, **options: open_shards(*args, shards=5, **options))
    found = survey([folder], progress=False)
    patch.undo()
    return frame, found


def outcomes(frame: pl.DataFrame) -> dict[tuple[str, dt.date], int]:
    """Label row by row in plain Python: 1 fails within 30 days, 0 does not; what is unknown is absent."""
    last: dict[str, dt.date] = {}
    failed: dict[str, dt.date] = {}
    for serial, date, failure in frame.select("serial_number", "date", "failure").rows():
        last[serial] = max(date, last.get(serial, date))
        if failure:
            failed[serial] = date
    end = max(last.values())
    labels = {}
    for serial, date, failure in frame.select("serial_number", "date", "failure").rows():
        if failure or date + HORIZON > end:
            continue
        if serial in failed and failed[serial] <= date + HORIZON:
            labels[serial, date] = 1
        elif last[serial] >= date + HORIZON:
            labels[serial, date] = 0
    return labels


def test_the_class_balance(fleet: tuple[pl.DataFrame, Survey]) -> None:
    frame, found = fleet
    labels = Counter(outcomes(frame).values())
    (period,) = found.periods
    assert (period.first, period.last, period.days, period.span) == ("2025-06-01", "2025-07-20", 50, 50)
    assert period.drives == len(set(frame["serial_number"])) == 400
    assert period.drive_days == frame.height
    assert period.failures == frame["failure"].to_list().count(1) > 20
    assert (period.labelled, period.positives) == (labels[0] + labels[1], labels[1])
    assert period.prevalence == labels[1] / (labels[0] + labels[1])


def test_missing_values(fleet: tuple[pl.DataFrame, Survey]) -> None:
    frame, found = fleet
    expected = [frame[f"smart_{a}_raw"].null_count() / frame.height for a in found.attributes]
    assert found.missing[:, 0].tolist() == pytest.approx(expected)
    assert len(set(expected)) > 1


def test_histograms_count_every_value_once_in_the_right_bin(fleet: tuple[pl.DataFrame, Survey]) -> None:
    frame, found = fleet
    labels = outcomes(frame)
    for attribute, width in ((197, None), (194, 2)):
        histogram = next(h for h in found.histograms if h.attribute == attribute)
        expected: Counter[tuple[int, int]] = Counter()
        for serial, date, raw in frame.select("serial_number", "date", f"smart_{attribute}_raw").rows():
            if raw is None:
                continue
            value = raw % 256 if attribute == 194 else raw
            low = value // width * width if width else (2 ** (value.bit_length() - 1) if value else 0)
            expected[labels.get((serial, date), -1), low] += 1
        counted = {}
        for label, counts in ((0, histogram.surviving), (1, histogram.failing), (-1, histogram.unknown)):
            for low, count in zip(histogram.edges[:-1].tolist(), counts.tolist(), strict=True):
                if count:
                    counted[label, int(low)] = count
        assert counted == expected


def test_correlations_are_those_of_pandas(fleet: tuple[pl.DataFrame, Survey]) -> None:
    frame, found = fleet
    labels = outcomes(frame)
    chosen = [5, 9, 187, 197]
    keys = frame.select("serial_number", "date").rows()
    columns = {a: np.log1p(frame[f"smart_{a}_raw"].to_numpy().astype(float)) for a in chosen}
    data = pd.DataFrame(columns).assign(label=[labels.get(key, math.nan) for key in keys])
    expected = data.corr(min_periods=100).to_numpy()
    which = [*(found.attributes.index(a) for a in chosen), len(found.attributes)]
    measured = found.correlation[np.ix_(which, which)]
    np.testing.assert_allclose(measured, expected, atol=1e-9)
    assert np.isfinite(expected).all()


def test_failure_rates(fleet: tuple[pl.DataFrame, Survey]) -> None:
    frame, found = fleet
    rows = frame.select("model", "serial_number", "failure", "smart_9_raw").rows()
    for rate in found.by_model:
        mine = [row for row in rows if row[0] == rate.group]
        assert rate.drive_days == len(mine)
        assert rate.drives == len({row[1] for row in mine})
        assert rate.failures == sum(row[2] for row in mine)
        assert rate.annualised == pytest.approx(rate.failures / len(mine) * 365)
    assert sum(rate.drive_days for rate in found.by_model) == frame.height
    ages = Counter(None if row[3] is None else int(row[3] / 8766 / 0.5) for row in rows)
    failing = Counter(None if row[3] is None else int(row[3] / 8766 / 0.5) for row in rows if row[2])
    expected = [(ages[age], failing[age]) for age in sorted(age for age in ages if age is not None)]
    measured = [(rate.drive_days, rate.failures) for rate in found.by_age if rate.group != "not reported"]
    assert measured == expected


def test_lineage(fleet: tuple[pl.DataFrame, Survey], tmp_path: Path) -> None:
    frame, found = fleet
    assert found.lineage["rows"] == frame.height
    assert len(found.lineage["sources"]) == 50
    assert found.lineage["drive_models"] == len(set(frame["model"]))
    assert found.read.rows_read == frame.height
