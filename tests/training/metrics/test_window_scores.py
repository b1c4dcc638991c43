from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from functions.errors import ModelError
from training.metrics.window_scores import (
    WINDOW_SCORES_FILE,
    Decisions,
    WindowScores,
    part_figures,
    risk_levels,
)


def scores(drives: int = 60) -> WindowScores:
    """Return two windows of the same drives, of which every second fails; one version knows, one does not."""
    label = np.tile([1, 0], drives).astype(np.int8)
    good = label.astype(np.float64) * 0.5 + 0.1
    bad = np.random.default_rng(0).random(2 * drives)
    return WindowScores(
        windows=("own", "others"),
        families=("Seagate DM", "WDC EFRX"),
        similar=(False, True),
        window=np.repeat([0, 1], drives).astype(np.int8),
        family=np.tile([0, 0, 0, 1], drives // 2).astype(np.int16),
        drive=np.tile(np.arange(drives), 2).astype(np.int32),
        label=label,
        rule=label,
        own=Decisions("v2", good.astype(np.float32), risk_levels(good, [0.3, 0.55, 0.9])),
        previous=Decisions("v1", bad.astype(np.float32), risk_levels(bad, [0.3, 0.55, 0.9])),
    )


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    one = scores()
    assert WindowScores.read(tmp_path) is None
    (tmp_path / WINDOW_SCORES_FILE).write_bytes(one.write())
    found = WindowScores.read(tmp_path)
    assert found is not None
    assert (found.windows, found.families, found.similar) == (one.windows, one.families, one.similar)
    assert found.digest == one.digest == replace(one, previous=None).digest
    np.testing.assert_array_equal(found.own.score, one.own.score)
    assert found.previous is not None
    np.testing.assert_array_equal(found.previous.level, scores().previous.level)  # type: ignore[union-attr]
    assert one.write() == scores().write()
    (tmp_path / WINDOW_SCORES_FILE).write_bytes(b"PK nonsense")
    with pytest.raises(ModelError, match=r"\bwindow_scores\.npz\b"):
        WindowScores.read(tmp_path)


def test_parts_are_windows_the_others_together_and_families_that_fail_enough() -> None:
    """Of the 30 failures of the second window all are of one family; the other never fails."""
    parts = list(scores().parts())
    assert [(kind, name) for kind, name, _ in parts] == [
        ("window", "own"),
        ("window", "others"),
        ("together", "windows of other drive models"),
        ("family", "Seagate DM"),
    ]
    assert [int(rows.sum()) for *_, rows in parts] == [60, 60, 60, 45]


def test_figures_are_paired_and_by_level() -> None:
    """Worked by hand: the second version ranks every failing drive first, and flags just those as high."""
    one = scores()
    rows = one.window == 1
    found = part_figures(one, rows, [one.previous, one.own], resamples=50)  # type: ignore[list-item]
    assert (found["drives"], found["failing"], found["prevalence"], found["rule"]) == (60, 30, 0.5, 1.0)
    assert list(found["versions"]) == ["v1", "v2"]
    best = found["versions"]["v2"]
    assert best["average_precision"] == 1.0
    assert best["interval"] == (1.0, 1.0)
    assert best["levels"]["high"] == {"alerts": 30, "precision": 1.0, "recall": 1.0}
    assert best["levels"]["critical"] == {"alerts": 0, "precision": None, "recall": 0.0}
    difference = found["difference"]
    assert difference["average_precision"] == 1.0 - found["versions"]["v1"]["average_precision"]
    assert 0 < difference["interval"][0] < difference["interval"][1]


def test_a_level_is_the_number_of_thresholds_reached() -> None:
    assert risk_levels(np.array([0.1, 0.3, 0.56, 0.9]), [0.3, 0.55, 0.9]).tolist() == [0, 1, 2, 3]
