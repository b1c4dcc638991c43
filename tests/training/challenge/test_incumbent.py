from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from functions.scoring.model.manifest import read_manifest
from functions.scoring.model.onnx_model import Model
from tests.support.small_model import small_models
from tests.training.made_fleet import telemetry
from training.backtesting.trained_days import TrainedDays
from training.challenge.incumbent import Incumbent, incumbent, knows
from training.errors import TrainingError
from training.fitting.candidates import Candidate
from training.fitting.fleet import Fleet, load
from training.fitting.fleet_draws import fleet_draws
from training.metrics.decisions import drives_of
from training.metrics.drive_scores import SCORES_FILE, DriveScores
from training.reporting.evaluation_file import EVALUATION_FILE, Evaluated
from training.reporting.record import protocol_record
from training.selection.forward_test import Part, forward_test
from training.selection.forward_test import Tested as Outcome

__all__ = ["small_models"]

MODELS = Path(__file__).parents[3] / "models"


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    path = tmp_path_factory.mktemp("fleet") / "fleet.parquet"
    telemetry(240, 170).write_parquet(path)
    return load([path], seed=0, horizon_days=30)


@pytest.fixture(scope="module")
def held_back(fleet: Fleet) -> Part:
    return Part(fleet.part("test"), fleet.values)


def retest(fleet: Fleet, held_back: Part, asked: list[Candidate]) -> Callable[[Candidate], Outcome]:
    draws = fleet_draws(fleet, fleet.part("train"), fleet.known_before)
    validation = Part(fleet.part("validation"), fleet.values)

    def run(candidate: Candidate) -> Outcome:
        asked.append(candidate)
        return forward_test(candidate, draws, validation, held_back, horizon_days=30, seed=0)

    return run


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """The committed baseline as champion, from a time before the made-up fleet's."""
    folder = tmp_path / "models"
    folder.mkdir()
    shutil.copytree(MODELS / "v1", folder / "v1")
    (folder / "registry.json").write_text('{"versions": ["v1"], "aliases": {"champion": "v1"}}')
    return folder


def change_manifest(folder: Path, change: Any) -> None:
    manifest = json.loads((folder / "manifest.json").read_bytes())
    change(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    registry = folder.parent / "registry.json"
    document = json.loads(registry.read_bytes())
    document.get("manifests", {}).pop(folder.name, None)
    registry.write_text(json.dumps(document))


def new_version(fleet: Fleet) -> Evaluated:
    manifest = msgspec.structs.replace(read_manifest(MODELS / "v2"), version="v3", lineage=fleet.lineage)
    return Evaluated(Path("v3"), manifest, {"protocol": protocol_record(fleet, 0)})


def compared(models: Path, fleet: Fleet, held_back: Part) -> tuple[Incumbent, list[Candidate]]:
    asked: list[Candidate] = []
    new = new_version(fleet)
    return incumbent(models, "champion", new, held_back, retest(fleet, held_back, asked)), asked


def last_day(models: Path, fleet: Fleet) -> None:
    """Let the champion have been made from this very telemetry."""
    change_manifest(models / "v1", lambda manifest: manifest.update(lineage=fleet.lineage))


def test_a_champion_from_before_the_test_is_scored_as_it_is_served(
    models: Path, fleet: Fleet, held_back: Part
) -> None:
    found, asked = compared(models, fleet, held_back)
    assert (found.version, found.basis, asked) == ("v1", "as served", [])
    assert re.search(r"\b2018-06-30\b.*\b2020-", found.why)
    model = Model.load(models)
    rows = held_back.values.observe(held_back.frame["row"].to_numpy())
    log_odds, _ = model.predict(rows.matrix(model.manifest.features))
    probability = 1 / (1 + np.exp(-log_odds.astype(np.float64)))
    expected = DriveScores.of(drives_of(held_back.frame, probability))
    assert found.scores.digest == expected.digest
    np.testing.assert_allclose(found.scores.score, expected.score, rtol=1e-6)


def test_a_champion_that_knows_the_test_is_compared_by_its_recipe(
    models: Path, fleet: Fleet, held_back: Part
) -> None:
    last_day(models, fleet)
    found, asked = compared(models, fleet, held_back)
    assert found.basis == "recipe refitted"
    assert [candidate.name for candidate in asked] == ["logistic_snapshot"]
    assert "Logistic regression, five counters" in found.why
    served = Incumbent("v1", "as served", "", found.scores)
    assert (
        served.scores.digest
        == DriveScores.of(drives_of(held_back.frame, np.zeros(held_back.frame.height))).digest
    )


def test_what_its_own_forward_test_recorded_is_taken_when_the_test_is_the_same(
    models: Path, fleet: Fleet, held_back: Part
) -> None:
    last_day(models, fleet)
    path = models / "v1" / EVALUATION_FILE
    evaluation = json.loads(path.read_bytes())
    path.write_text(json.dumps({**evaluation, "protocol": protocol_record(fleet, 0)}))
    random = np.random.default_rng(3).random(held_back.frame.height)
    recorded = DriveScores.of(drives_of(held_back.frame, random))
    (models / "v1" / SCORES_FILE).write_bytes(recorded.write())
    found, asked = compared(models, fleet, held_back)
    assert (found.basis, asked) == ("recorded forward test", [])
    np.testing.assert_array_equal(found.scores.score, recorded.score)
    # Of other drives they say nothing, though the protocol reads the same.
    (models / "v1" / SCORES_FILE).write_bytes(DriveScores("others", recorded.label, recorded.score).write())
    assert compared(models, fleet, held_back)[0].basis == "recipe refitted"


def test_a_recipe_of_other_code_leaves_a_comparison_that_favours_the_champion(
    models: Path, fleet: Fleet, held_back: Part
) -> None:
    last_day(models, fleet)
    change_manifest(models / "v1", lambda manifest: manifest.update(algorithm="hand-made"))
    found, asked = compared(models, fleet, held_back)
    assert (found.basis, asked) == ("as served, though it knows the test", [])


def test_attributes_that_are_not_read_are_named(
    small_models: Path, tmp_path: Path, fleet: Fleet, held_back: Part
) -> None:
    folder = tmp_path / "models"
    shutil.copytree(small_models, folder)
    version = json.loads((folder / "registry.json").read_bytes())["aliases"]["champion"]
    shutil.copy(MODELS / "v1" / EVALUATION_FILE, folder / version)
    change_manifest(folder / version, lambda manifest: manifest["lineage"].update(last_date="2019-01-01"))
    with pytest.raises(TrainingError, match="194"):
        compared(folder, fleet, held_back)


@pytest.mark.parametrize(
    ("last", "known"),
    [(dt.date(2020, 4, 30), False), (dt.date(2020, 5, 1), True), (dt.date(2021, 1, 1), True), (None, True)],
)
def test_a_version_knows_a_test_that_begins_within_or_before_its_days(
    last: dt.date | None, known: bool
) -> None:
    days = TrainedDays(dt.date(2020, 1, 1), last, None)
    assert knows(days, dt.date(2020, 5, 1)) is known
