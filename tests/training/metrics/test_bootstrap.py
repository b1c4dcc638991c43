from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tests.training.drive_histories import day
from training.metrics import bootstrap
from training.metrics.bootstrap import bootstrap_intervals, bootstrap_values
from training.metrics.curves import average_precision, recall_at_fpr, roc_auc
from training.metrics.decisions import Drives, drives_of


def random_drives(count: int, seed: int, share: float = 0.1) -> Drives:
    random = np.random.default_rng(seed)
    label = (random.random(count) < share).astype(np.int8)
    frame = pl.DataFrame(
        {
            "serial_number": [f"D{n:05}" for n in range(count)],
            "date": [day(0)] * count,
            "label": label,
            "days_to_failure": pl.Series([5 if failing else None for failing in label], dtype=pl.Int16),
        }
    )
    return drives_of(frame, 1 / (1 + np.exp(-random.normal(size=count) - 2 * label)))


def test_every_resample_is_the_metric_of_the_drives_drawn() -> None:
    drives = random_drives(300, 1)
    values = bootstrap_values(drives, {"half": 0.5}, resamples=20, seed=4)
    generator = np.random.default_rng(4)
    for number in range(20):
        drawn = generator.integers(0, 300, 300)
        label, score = drives.label[drawn], drives.score[drawn]
        assert values["average_precision"][number] == pytest.approx(average_precision(label, score))
        assert values["roc_auc"][number] == pytest.approx(roc_auc(label, score))
        assert values["recall_at_fpr_0.01"][number] == pytest.approx(recall_at_fpr(label, score, 0.01))
        assert values["prevalence"][number] == pytest.approx(label.mean())
        assert values["precision_half"][number] == pytest.approx(label[score >= 0.5].mean())
        assert values["recall_half"][number] == pytest.approx((score[label == 1] >= 0.5).mean())


def test_memory_bounds_do_not_change_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    drives = random_drives(100, 2)
    whole = bootstrap_values(drives, resamples=30, seed=1)
    monkeypatch.setattr(bootstrap, "_CELLS_AT_ONCE", 700)
    for name, values in bootstrap_values(drives, resamples=30, seed=1).items():
        np.testing.assert_array_equal(values, whole[name])


@pytest.mark.slow
def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    # The share of failing drives is known: 10 %. Of 150 intervals at 95 %, 8 miss on average; 18 or more has
    # a probability below 0.001.
    missed = 0
    for seed in range(150):
        interval = bootstrap_intervals(random_drives(400, seed), resamples=200, seed=seed)["prevalence"]
        assert interval is not None
        missed += not interval[0] <= 0.1 <= interval[1]
    assert missed < 18


def test_what_no_resample_defines_has_no_interval() -> None:
    intervals = bootstrap_intervals(random_drives(50, 3, share=0.0), {"never": 2.0}, resamples=10)
    assert intervals["average_precision"] is None
    assert intervals["precision_never"] is None
    assert intervals["prevalence"] == (0.0, 0.0)
