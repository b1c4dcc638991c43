from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from functions.scoring.model.manifest import read_manifest
from training.fitting.candidates import candidates
from training.fitting.members import TreeSettings
from training.reporting.evaluation_file import Evaluated, read_evaluated
from training.versions.recipe import recipe_of

SETTINGS = TreeSettings(leaves=7, trees=77, l2=3.0)
MANIFEST = read_manifest(Path(__file__).parents[3] / "models" / "v1")
SHIPPED = [one.name for one in candidates(SETTINGS) if one.shipped]


def made_by(name: str, records: dict[str, Any], linear_share: float = 0.3) -> Evaluated:
    """Return a version as the candidate of a name leaves it."""
    (candidate,) = (one for one in candidates(SETTINGS, linear_share) if one.name == name)
    manifest = msgspec.structs.replace(MANIFEST, algorithm=candidate.title, features=list(candidate.features))
    return Evaluated(Path("v1"), manifest, {"candidate": name, **records})


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize(
    "records",
    [
        {"search": {"chosen": SETTINGS._asdict()}},
        {"search": None, "parameters": {**SETTINGS._asdict(), "seeds": 5, "data": "fleet.parquet"}},
    ],
    ids=["searched, up to v2", "recorded"],
)
def test_what_a_version_records_names_the_candidate_that_made_it(name: str, records: dict[str, Any]) -> None:
    found = recipe_of(made_by(name, records))
    assert found is not None
    assert found.name == name


def test_a_recipe_that_no_code_fits_any_more_is_none() -> None:
    version = made_by("blend", {"search": {"chosen": SETTINGS._asdict()}})
    assert recipe_of(version) is not None
    other: list[dict[str, Any]] = [
        {"algorithm": "0.5 boosting + 0.5 logistic regression"},
        {"features": version.manifest.features[:-1]},
    ]
    for change in other:
        manifest = msgspec.structs.replace(version.manifest, **change)
        assert recipe_of(Evaluated(Path("v1"), manifest, version.evaluation)) is None
    renamed = {**version.evaluation, "candidate": "stack"}
    assert recipe_of(Evaluated(Path("v1"), version.manifest, renamed)) is None
    unsearched = {**version.evaluation, "search": None}
    assert recipe_of(Evaluated(Path("v1"), version.manifest, unsearched)) is None


def test_the_blends_linear_share_is_the_recorded_one() -> None:
    records = {"search": None, "parameters": {**SETTINGS._asdict(), "linear_share": 0.25}}
    found = recipe_of(made_by("blend", records, linear_share=0.25))
    assert found is not None
    assert found.title.startswith("0.75 monotonic boosting")
    assert recipe_of(made_by("blend", records, linear_share=0.5)) is None


@pytest.mark.parametrize("name", ["v1", "v2"])
def test_the_committed_versions_can_still_be_fitted(name: str) -> None:
    version = read_evaluated(Path(__file__).parents[3] / "models", name)
    found = recipe_of(version)
    assert found is not None
    assert found.title == version.manifest.algorithm
