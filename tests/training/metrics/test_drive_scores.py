from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from functions.errors import ModelError
from tests.training.small_evaluation_json import drives
from training.metrics.curves import average_precision
from training.metrics.drive_scores import SCORES_FILE, DriveScores, paired_differences


def test_what_is_written_is_read(tmp_path: Path) -> None:
    scores = DriveScores.of(drives(2.0))
    (tmp_path / SCORES_FILE).write_bytes(scores.write())
    found = DriveScores.read(tmp_path)
    assert found is not None
    assert found.digest == scores.digest
    assert (found.label == scores.label).all()
    assert (found.score == scores.score).all()
    assert scores.write() == DriveScores.of(drives(2.0)).write()


def test_a_version_without_scores_has_none_and_a_damaged_file_is_named(tmp_path: Path) -> None:
    assert DriveScores.read(tmp_path) is None
    (tmp_path / SCORES_FILE).write_bytes(b"not a zip")
    with pytest.raises(ModelError, match=SCORES_FILE):
        DriveScores.read(tmp_path)


def test_a_clearly_better_version_is_better_beyond_the_interval() -> None:
    worse, better = DriveScores.of(drives(0.5)), DriveScores.of(drives(4.0))
    difference, low, high = paired_differences(worse, better, resamples=100)["average_precision"]
    expected = average_precision(better.label, better.score) - average_precision(worse.label, worse.score)
    assert difference == pytest.approx(expected)
    assert 0 < low < difference < high


def test_a_version_against_itself_differs_by_nothing() -> None:
    scores = DriveScores.of(drives(1.0))
    for difference in paired_differences(scores, scores, resamples=20).values():
        assert np.allclose(difference, 0)


def test_other_drives_are_refused() -> None:
    scores = DriveScores.of(drives(1.0))
    with pytest.raises(ValueError, match="drives"):
        paired_differences(scores, DriveScores("other", scores.label, scores.score))
