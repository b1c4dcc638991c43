from __future__ import annotations

import json
import pickle
from pathlib import Path

import joblib
import polars as pl
import pytest

from functions.scoring.model.manifest import read_manifest, read_registry
from functions.scoring.model.onnx_model import Model
from tests.training.made_fleet import telemetry, weekly_telemetry
from training.__main__ import main
from training.commands.train import weighted_path
from training.metrics.window_scores import WindowScores
from training.probes import PROBES

REPRODUCED = (
    "model.onnx",
    "explainer.npz",
    "manifest.json",
    "evaluation.json",
    "evaluation.html",
    "drive_scores.npz",
    "window_scores.npz",
    "card.md",
    "figures/roc.png",
)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fleet") / "fleet.parquet"
    telemetry(300, 170).write_parquet(path)
    return path


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two fleets of other drive models: one to train on beside, of two years, and one to score only."""
    folder = tmp_path_factory.mktemp("others")
    paths = [folder / "beside.parquet", folder / "elsewhere.parquet"]
    weekly_telemetry(240).write_parquet(paths[0])
    telemetry(120, 150, 2).with_columns(
        pl.lit("Hitachi HDS5C3030ALA630").alias("model"), pl.col("serial_number").str.replace("D", "H")
    ).write_parquet(paths[1])
    return paths


def train(data: Path, models: Path, *options: str) -> int:
    return main(
        ["train", "--data", str(data), "--models", str(models), "--version", "v2", "--quiet", *options]
    )


@pytest.fixture(scope="module")
def models(fleet: Path, others: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "models"
    assert train(fleet, folder, *with_others(others)) == 0
    return folder


def with_others(others: list[Path]) -> list[str]:
    return ["--extra-data", f"{others[0]}=0.1", "--also-evaluate", str(others[1]), "--seeds", "2"]


@pytest.mark.slow
def test_both_versions_are_whole_and_the_champion_serves(models: Path) -> None:
    registry = read_registry(models)
    assert (registry.versions, registry.aliases) == (["v1", "v2"], {"champion": "v2"})
    for version in registry.versions:
        model = Model.load(models, version)
        names = {"model.onnx", "explainer.npz", "evaluation.json", "card.md", "pipeline.joblib"}
        names |= {"evaluation.html", "drive_scores.npz"}
        names |= {"window_scores.npz"} if version == "v2" else set()
        pictures = {"roc", "precision_recall", "calibration", "confusion", "importance"}
        assert set(model.manifest.files) == names | {f"figures/{name}.png" for name in pictures}
        assert model.manifest.thresholds.medium < model.manifest.thresholds.high
        assert len(model.manifest.golden) >= 16
        assert all(feature.unit and feature.meaning for feature in model.manifest.features)
        assert set(model.manifest.histograms) == {feature.name for feature in model.manifest.features}


@pytest.mark.slow
def test_figures_come_with_their_protocol_and_the_model_finds_what_was_planted(models: Path) -> None:
    evaluation = json.loads((models / "v2" / "evaluation.json").read_bytes())
    assert set(evaluation["candidates"]) >= {"prevalence", "any_above_zero", "random_forest", "blend"}
    champion = evaluation["candidates"]["blend"]["all_drives"]["drives"]
    assert champion["average_precision"] > 2 * champion["prevalence"]
    assert evaluation["protocol"]["horizon_days"] == 30
    assert set(evaluation["protocol"]["periods"][0]) == {"train", "validation", "test"}
    assert evaluation["release"]["refit"] is True
    assert evaluation["release"]["note"]
    assert evaluation["parity"]["rows"]["test period"] == evaluation["protocol"]["parts"]["test"]["rows"]
    assert evaluation["candidates"]["blend"]["over_seeds"]["seeds"] == [0, 1]
    assert set(evaluation["candidates"]["blend"]["shorter_horizons"]) == {"7", "14"}
    (extra,) = evaluation["protocol"]["beside"]
    assert (extra["name"], extra["weight"]) == ("beside.parquet", 0.1)
    rule, blend = (evaluation["elsewhere"]["unseen_models"][name] for name in ("any_above_zero", "blend"))
    assert blend["drives"] == rule["drives"] == 120
    assert blend["average_precision"] > rule["average_precision"]
    assert [probe["code"] for probe in evaluation["probes"]] == list(PROBES)
    assert not any(probe["fired"] for probe in evaluation["probes"])
    card = (models / "v2" / "card.md").read_text()
    assert "Backblaze" in card
    assert evaluation["release"]["note"] in card
    assert str(models.parent) not in card + json.dumps(evaluation)


@pytest.mark.slow
def test_drives_of_other_models_are_answered_by_what_the_other_fleet_taught(models: Path) -> None:
    manifest = read_manifest(models / "v2")
    assert manifest.drive_models == ["ST4000DM000"]
    assert manifest.stand_ins == {197: 198}
    assert manifest.title == "v2: blend of trees and logistic regression"
    assert manifest.similar is not None
    assert manifest.quality is not None
    assert manifest.similar.quality is not None
    assert manifest.similar.thresholds.medium < manifest.similar.thresholds.critical
    assert set(manifest.similar.histograms) == {feature.name for feature in manifest.features}
    assert manifest.similar.histograms["smart_187"].missing > 0
    for quality in (manifest.quality, manifest.similar.quality):
        assert set(quality.levels) == {"critical", "high", "medium"}
        assert quality.prevalence == quality.failing / quality.drives
        assert [band.low for band in quality.bands] == sorted(band.low for band in quality.bands)
    baseline = read_manifest(models / "v1")
    assert baseline.similar is None
    assert baseline.quality is not None


@pytest.mark.slow
def test_windows_are_forward_in_time_and_of_other_models(models: Path) -> None:
    evaluation = json.loads((models / "v2" / "evaluation.json").read_bytes())
    windows = evaluation["windows"]["windows"]
    assert [window["scope"] for window in windows] == ["trained", "similar", "similar"]
    assert [window["days"][0][:7] for window in windows[1:]] == ["2019-11", "2020-03"]
    assert set(evaluation["windows"]["calibration"]) == {"trained", "similar"}
    parts = evaluation["windows"]["parts"]
    assert [part["kind"] for part in parts[:4]] == ["window", "window", "window", "together"]
    assert all(set(part["versions"]) == {"v2"} for part in parts)
    scores = WindowScores.read(models / "v2")
    assert scores is not None
    assert scores.similar == (False, True, True)
    assert scores.windows == tuple(window["name"] for window in windows)


@pytest.mark.slow
def test_trees_are_the_same_without_the_other_fleet(fleet: Path, models: Path, tmp_path: Path) -> None:
    alone = tmp_path / "models"
    assert train(fleet, alone, "--seeds", "1", "--baseline-version", "v1") == 0
    pooled, own = (joblib.load(folder / "v2" / "pipeline.joblib") for folder in (models, alone))
    for one, other in zip(pooled.members[:-1], own.members[:-1], strict=True):
        assert pickle.dumps(one._predictors) == pickle.dumps(other._predictors)
    assert (pooled.members[-1][-1].coef_ != own.members[-1][-1].coef_).any()
    assert read_manifest(alone / "v2").similar is None


@pytest.mark.slow
def test_the_same_data_and_seed_give_the_same_bytes(
    fleet: Path, others: list[Path], models: Path, tmp_path: Path
) -> None:
    assert train(fleet, tmp_path / "models", *with_others(others)) == 0
    for name in REPRODUCED:
        first, again = ((folder / "v2" / name).read_bytes() for folder in (models, tmp_path / "models"))
        assert first == again, name


@pytest.mark.slow
def test_an_existing_baseline_stays_and_the_tested_model_can_be_shipped_itself(
    fleet: Path, models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copied = tmp_path / "models"
    copied.mkdir()
    for name in ("registry.json", "v1", "v2"):
        (copied / name).symlink_to(models / name)
    before = (models / "v1" / "manifest.json").read_bytes()
    arguments = ["train", "--data", str(fleet), "--models", str(copied), "--version", "v3"]
    assert main([*arguments, "--quiet", "--no-refit", "--no-search", "--seed", "1", "--seeds", "1"]) == 0
    assert "v1 " in capsys.readouterr().err
    assert (models / "v1" / "manifest.json").read_bytes() == before
    assert read_registry(copied).aliases == {"champion": "v3", "previous": "v2"}
    evaluation = json.loads((copied / "v3" / "evaluation.json").read_bytes())
    tested = evaluation["candidates"]["blend"]["thresholds"]["high"]
    assert read_manifest(copied / "v3").thresholds.high == tested
    assert evaluation["search"] is None


def error(capsys: pytest.CaptureFixture[str]) -> str:
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_an_existing_version_is_refused_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "v2").mkdir()
    assert train(tmp_path / "absent.parquet", tmp_path) == 1
    assert "v2 " in error(capsys)


def test_baseline_and_version_need_two_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert train(tmp_path, tmp_path, "--baseline-version", "v2") == 1
    assert "v2" in error(capsys)


@pytest.mark.parametrize(
    "option",
    [
        ("--horizon", "31"),
        ("--version", "../v3"),
        ("--seed", "one"),
        ("--seeds", "0"),
        ("--extra-data", "fleet.parquet"),
        ("--extra-data", "fleet.parquet=2"),
        ("--extra-data", "fleet.parquet=nan"),
    ],
)
def test_wrong_usage_exits_2(
    tmp_path: Path, option: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(tmp_path, tmp_path, *option) == 2
    assert option[0] in capsys.readouterr().err


def test_a_weight_follows_the_last_equals_sign() -> None:
    assert weighted_path("a=b/fleet.parquet=0.25") == (Path("a=b/fleet.parquet"), 0.25)


def test_a_fleet_is_trained_on_or_only_scored_and_not_both(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "other.parquet")
    assert train(tmp_path, tmp_path, "--extra-data", f"{path}=0.1", "--also-evaluate", path) == 1
    assert path in error(capsys)


def test_too_few_days_and_no_failures_are_said_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "fleet.parquet"
    telemetry(12, 60).write_parquet(path)
    assert train(path, tmp_path / "models") == 1
    assert " labelable days" in error(capsys)
    healthy = telemetry(12, 170).with_columns(failure=0)
    healthy.write_parquet(path)
    assert train(path, tmp_path / "models") == 1
    assert " 0 " in error(capsys)
    assert not (tmp_path / "models").exists()
