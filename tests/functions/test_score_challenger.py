"""`python -m functions.score` with a challenger beside the model that answers."""

import json
import re
import shutil
from pathlib import Path

import pytest

from functions import score
from tests.functions.test_score import outputs, put, summary


@pytest.fixture
def with_challenger(small_models: Path, tmp_path: Path) -> Path:
    """A models folder of the test's own whose registry names a challenger."""
    models = shutil.copytree(small_models, tmp_path / "models")
    registry = json.loads((models / "registry.json").read_bytes())
    registry["aliases"]["challenger"] = "v1"
    (models / "registry.json").write_text(json.dumps(registry))
    return models


def main(models: Path, folder: Path, *options: str) -> int:
    path = put(folder, "day.csv")
    return score.main([str(path), "--models", str(models), "--output", str(folder / "out"), *options])


def test_the_challenger_of_the_registry(with_challenger: Path, tmp_path: Path) -> None:
    assert main(with_challenger, tmp_path) == 0
    found = outputs(tmp_path)
    shadow = summary(tmp_path)["challenger"]
    assert (shadow["version"], shadow["rows"], shadow["agreement"]) == ("v1", 2, 1.0)
    assert main(with_challenger, tmp_path, "--challenger", "none") == 0
    assert "challenger" not in summary(tmp_path)
    alone = outputs(tmp_path)
    assert [alone[name] for name in ("day.csv", "day.rejects.csv")] == [
        found[name] for name in ("day.csv", "day.rejects.csv")
    ]
    assert main(with_challenger, tmp_path, "--model", "challenger") == 0
    assert "challenger" not in summary(tmp_path)


def test_another_challenger(small_models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(small_models, tmp_path) == 0
    assert "challenger" not in summary(tmp_path)
    assert main(small_models, tmp_path, "--model", "v1", "--challenger", "champion") == 0
    assert summary(tmp_path)["challenger"]["version"] == "v2"
    assert main(small_models, tmp_path, "--challenger", "v9") == 1
    assert re.match("error: .*'v9'.*: ", capsys.readouterr().err)


def test_a_challenger_that_cannot_be_loaded(
    with_challenger: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (with_challenger / "v1" / "model.onnx").write_bytes(b"junk")
    assert main(with_challenger, tmp_path) == 0
    assert "challenger" not in summary(tmp_path)
    told = capsys.readouterr().err
    assert re.match(r"warning: .*: model\.onnx .*\bv1 .*sha256 ", told)
    assert main(with_challenger, tmp_path, "--challenger", "v1") == 1
    assert re.match(r"error: model\.onnx .*\bv1 .*sha256 ", capsys.readouterr().err)
