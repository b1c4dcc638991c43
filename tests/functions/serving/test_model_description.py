"""The description of a model for programs."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from functions.scoring.model.manifest import Manifest, read_manifest
from functions.scoring.model.scope import SCOPES
from functions.serving.model_description import describe_model
from tests.support.other_manifests import CALIBRATED, QUALITY
from tests.support.running_app import PROJECT


def described(manifest: Manifest) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(describe_model(manifest, ["champion"]))
    return found


@pytest.mark.parametrize("version", ["v1", "v2", "v3"])
def test_versions_without_records_of_their_quality(version: str) -> None:
    manifest = read_manifest(PROJECT / "models" / version)
    found = described(manifest)
    assert (found["aliases"], found["drive_models"]) == (["champion"], manifest.drive_models)
    assert tuple(found["scopes"]) == SCOPES
    assert all(scope["quality"] is None for scope in found["scopes"].values())
    assert [scope["forecast"] for scope in found["scopes"].values()] == [True, True, False]
    assert [scope["counted"] for scope in found["scopes"].values()] == [True, False, False]
    assert found["scopes"]["similar"]["thresholds"] == found["thresholds"]
    assert found["scopes"]["unknown"]["thresholds"] is None


def test_quality_of_trained_and_of_similar_drives_apart() -> None:
    manifest = msgspec.structs.replace(
        read_manifest(PROJECT / "models" / "v3"),
        title="v9",
        stand_ins={197: 198},
        quality=QUALITY,
        similar=msgspec.structs.replace(CALIBRATED, quality=msgspec.structs.replace(QUALITY, failing=7)),
    )
    found = described(manifest)
    assert (found["title"], found["stand_ins"]) == ("v9", {"197": 198})
    trained, similar, unknown = found["scopes"].values()
    assert [scope["counted"] for scope in (trained, similar, unknown)] == [True, True, False]
    assert (trained["calibration"], similar["calibration"]) == (None, {"scale": 0.7, "offset": -0.4})
    assert similar["thresholds"]["critical"] == CALIBRATED.thresholds.critical
    assert (trained["quality"]["failing"], similar["quality"]["failing"]) == (QUALITY.failing, 7)
    assert trained["quality"]["levels"] == msgspec.to_builtins(QUALITY.levels)
    recorded = [msgspec.to_builtins(band) for band in QUALITY.bands]
    assert [
        {name: value for name, value in band.items() if name != "ratio"}
        for band in trained["quality"]["bands"]
    ] == recorded
    assert [band["ratio"] for band in trained["quality"]["bands"]] == [pytest.approx(1.1), None]
