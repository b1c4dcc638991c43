from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.small_model import small_models
from tests.training.metrics.test_window_scores import scores
from tests.training.small_evaluation_json import drives, evaluation
from training.__main__ import main
from training.metrics.drive_scores import SCORES_FILE, DriveScores
from training.metrics.window_scores import WINDOW_SCORES_FILE, part_figures

pytestmark = pytest.mark.slow

__all__ = ["small_models"]


@pytest.fixture
def models(small_models: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    shutil.copytree(small_models, folder)
    write(folder, "v1", evaluation("v1", 0.5))
    write(folder, "v2", evaluation("v2", 4.0))
    return folder


def write(models: Path, version: str, content: dict[str, Any]) -> None:
    (models / version / "evaluation.json").write_text(json.dumps(content))


def compare(models: Path, tmp_path: Path, *more: str) -> int:
    return main(["compare", "v1", "v2", "--models", str(models), "--output", str(tmp_path / "out"), *more])


def test_two_versions_are_printed_and_plotted_side_by_side(
    models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compare(models, tmp_path) == 0
    printed = capsys.readouterr().out
    values = [
        evaluation(name, skill)["candidates"]["own"]["all_drives"]["drives"]["average_precision"]
        for name, skill in (("v1", 0.5), ("v2", 4.0))
    ]
    (line,) = [line for line in printed.splitlines() if "average precision " in line and "part" not in line]
    assert [f"{value:.3f}" in line for value in values] == [True, True]
    assert f"{values[1] - values[0]:+.3f}" in line
    assert "30 days ahead" in printed
    assert re.search(r": v1 .*\bv2\b", printed)
    assert (tmp_path / "out" / "v1_v2.png").read_bytes().startswith(b"\x89PNG")


def test_paired_differences_where_scores_are_kept(
    models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for version, skill in (("v1", 0.5), ("v2", 4.0)):
        (models / version / SCORES_FILE).write_bytes(DriveScores.of(drives(skill)).write())
    assert compare(models, tmp_path) == 0
    printed = capsys.readouterr().out
    assert "v2 minus v1" in printed
    assert "better" in printed


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"horizon_days": 14}, r"horizon: v1 .*\b30 days, v2 .*\b14 days"),
        ({"split": "at random"}, r"split: v1 .*, v2 .*\bat random"),
        ({"held_out_drives": 0.1}, "held-out drives"),
        ({"seed": 1}, "seed of the split"),
        ({"periods": [{"test": ["2018-06-01", "2018-06-05"]}]}, r"days: v1 "),
    ],
)
def test_other_protocols_are_refused_unless_forced(
    change: dict[str, Any], named: str, models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = evaluation("v2", 4.0)
    other["protocol"] |= change
    write(models, "v2", other)
    assert compare(models, tmp_path) == 1
    refused = capsys.readouterr()
    assert re.search(named, refused.err)
    assert "--force" in refused.err
    assert not refused.out
    assert compare(models, tmp_path, "--force") == 0
    assert re.search(named, capsys.readouterr().out)


def test_other_telemetry_is_refused(models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = models / "v2" / "manifest.json"
    manifest = json.loads(path.read_bytes())
    manifest["lineage"]["digest"] = "another"
    path.write_text(json.dumps(manifest))
    assert compare(models, tmp_path) == 1
    assert re.search(r"\bv1 .*\bNone, v2 .*\banother\b", capsys.readouterr().err)


def test_a_version_without_an_evaluation_is_named(
    models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (models / "v1" / "evaluation.json").unlink()
    assert compare(models, tmp_path) == 1
    assert re.search(r"\bv1 .*evaluation\.json", capsys.readouterr().err)
    (models / "v1" / "evaluation.json").write_text("[1]")
    assert compare(models, tmp_path) == 1
    assert "v1/evaluation.json " in capsys.readouterr().err
    assert main(["compare", "v9", "v2", "--models", str(models), "--output", str(tmp_path / "out")]) == 1
    assert "'v9'" in capsys.readouterr().err


def with_windows(models: Path, *sides: str) -> None:
    """Keep scores of two windows: version v2 beside v1 as training leaves them, or each by itself."""
    found = scores()
    assert found.previous is not None
    if sides == ("v2",):
        record = {
            "previous": "v1",
            "parts": [
                {"kind": kind, "name": name, **part_figures(found, rows, [found.previous, found.own])}
                for kind, name, rows in found.parts()
            ],
            "windows": [],
            "calibration": {},
        }
        write(models, "v2", evaluation("v2", 4.0) | {"windows": record})
    else:
        own = replace(found, own=found.previous, previous=None)
        (models / "v1" / WINDOW_SCORES_FILE).write_bytes(own.write())
        found = replace(found, previous=None)
    (models / "v2" / WINDOW_SCORES_FILE).write_bytes(found.write())


@pytest.mark.parametrize("sides", [("v2",), ("v1", "v2")])
def test_windows_and_families_are_printed_with_counts_intervals_and_alarms(
    sides: tuple[str, ...], models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_windows(models, *sides)
    assert compare(models, tmp_path) == 0
    lines = capsys.readouterr().out.splitlines()
    found = scores()
    assert found.previous is not None
    rows = found.family == 0
    figures = part_figures(found, rows & (found.window == 1), [found.previous, found.own])
    ranking, alarms = ([cell.strip() for cell in line.split("│")] for line in lines if "Seagate DM" in line)
    value = figures["difference"]["average_precision"]
    assert ranking[2:4] == ["45", "30"]
    assert ranking[5] == "1.000", "the rule knows"
    assert ranking[7] == "1.000 (1.000 to 1.000)"
    assert re.fullmatch(re.escape(f"{value:+.3f}") + r" \(\+0\.\d{3} to \+0\.\d{3}\)", ranking[8])
    assert alarms[2] == "30"
    assert "P 1.00 R 1.00 (30)" in alarms


def test_versions_without_common_windows_are_compared_without(
    models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (models / "v2" / WINDOW_SCORES_FILE).write_bytes(replace(scores(), previous=None).write())
    assert compare(models, tmp_path) == 0
    assert "Seagate DM" not in capsys.readouterr().out
