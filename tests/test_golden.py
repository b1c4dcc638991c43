"""Outputs written down: tests/golden/fleet.csv in, the files beside it out.

``pytest --update-golden`` writes them anew; read the diff before you commit it. The rejects CSV depends on no
model and is compared to the byte. The outputs of a committed model version are in ``tests/golden/<version>``;
their probabilities may differ by what the parity gate allows, as processors round differently, and nothing
else may.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import msgspec
import pytest

from functions.scoring.csv.rejects import REJECT_CODES
from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.model.manifest import REGISTRY_FILE, read_registry
from functions.scoring.model.onnx_model import GOLDEN_TOLERANCE, Model
from functions.scoring.model.scorer import Scorer
from functions.scoring.report.summary import summary_json
from tests.support.drives import Scored, read_csv, score
from tests.support.running_app import PROJECT

GOLDEN = Path(__file__).parent / "golden"
MODELS = PROJECT / "models"
VERSIONS = read_registry(MODELS).versions if (MODELS / REGISTRY_FILE).is_file() else []


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


def run(models: Path, version: str) -> Scored:
    engine = CsvEngine(Scorer(Model.load(models, version)))
    return score(engine, (GOLDEN / "fleet.csv").read_bytes(), name="fleet.csv", etag="golden")


def near(found: object, expected: object) -> bool:
    """Tell whether two JSON documents are equal, but for the last digits of numbers that are no counts."""
    if isinstance(found, dict) and isinstance(expected, dict):
        return found.keys() == expected.keys() and all(near(found[key], expected[key]) for key in found)
    if isinstance(found, list) and isinstance(expected, list):
        return len(found) == len(expected) and all(map(near, found, expected))
    if isinstance(found, float) and isinstance(expected, float):
        return math.isclose(found, expected, rel_tol=0, abs_tol=1.1e-3 if expected > 1 else GOLDEN_TOLERANCE)
    return found == expected


OF_JSON = {"bad_json", "no_object", "not_ata", "no_attributes"}
"""Codes that no line of a CSV has."""


def without_probability(rows: list[dict[str, str]]) -> tuple[list[dict[str, str]], list[float]]:
    return rows, [float(row.pop("probability") or "nan") for row in rows]


def test_the_rejects(small_models: Path, update: bool) -> None:
    found = run(small_models, "v2")
    if update:
        (GOLDEN / "fleet.rejects.csv").write_bytes(found.rejects)
    assert found.rejects == (GOLDEN / "fleet.rejects.csv").read_bytes()
    assert {line["code"] for line in found.rejected()} == REJECT_CODES.keys() - {"line_too_long"} - OF_JSON
    assert found.summary["lines"] == {"data": 43, "accepted": 25, "rejected": 18}


@pytest.mark.skipif(not VERSIONS, reason="no models/registry.json")
@pytest.mark.parametrize("version", VERSIONS)
def test_the_outputs_of_a_committed_version(version: str, update: bool) -> None:
    found = run(MODELS, version)
    folder = GOLDEN / version
    if update:
        folder.mkdir(exist_ok=True)
        (folder / "fleet.csv").write_bytes(found.scored)
        (folder / "fleet.summary.json").write_bytes(summary_json(found.summary))
    rows, probabilities = without_probability(found.rows())
    expected, recorded = without_probability(read_csv((folder / "fleet.csv").read_bytes()))
    assert rows == expected
    assert probabilities == pytest.approx(recorded, rel=0, abs=GOLDEN_TOLERANCE, nan_ok=True)
    summary: Any = msgspec.json.decode((folder / "fleet.summary.json").read_bytes())
    assert near(msgspec.json.decode(summary_json(found.summary)), summary)
    assert found.rejects == (GOLDEN / "fleet.rejects.csv").read_bytes()
