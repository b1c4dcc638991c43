"""list, card, promote and rollback: the commands that look at versions and point aliases."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from functions.scoring.model.manifest import read_registry
from functions.scoring.model.onnx_model import Model
from training.__main__ import main


@pytest.fixture
def models(small_models: Path, tmp_path: Path) -> Path:
    """v1 and v2, v2 the champion, both written by the test."""
    folder = tmp_path / "models"
    shutil.copytree(small_models, folder)
    return folder


def aliases(models: Path) -> dict[str, str]:
    return read_registry(models).aliases


def test_promote_and_roll_back_and_forth(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["promote", "v1", "--models", str(models)]) == 0
    assert re.search(r"\bchampion .*\bv1\b", capsys.readouterr().out)
    assert (aliases(models)["champion"], aliases(models)["previous"]) == ("v1", "v2")
    assert Model.load(models).version == "v1"
    assert main(["rollback", "--models", str(models)]) == 0
    assert re.search(r"\bchampion .*\bv2\b.*\bprevious .*\bv1\b", capsys.readouterr().out)
    assert Model.load(models).version == "v2"
    assert main(["rollback", "--models", str(models)]) == 0
    assert aliases(models)["champion"] == "v1"


def test_another_alias_leaves_the_champion_alone(models: Path) -> None:
    before = aliases(models)
    assert main(["promote", "v1", "--alias", "challenger", "--models", str(models)]) == 0
    assert aliases(models) == {**before, "challenger": "v1"}


def test_what_cannot_be_served_is_not_promoted(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = aliases(models)
    (models / "v1" / "model.onnx").write_bytes(b"half a file")
    assert main(["promote", "v1", "--models", str(models)]) == 1
    assert "sha256" in capsys.readouterr().err
    assert aliases(models) == before


def test_unknown_versions_and_no_previous_one(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["promote", "v9", "--models", str(models)]) == 1
    assert "'v9'" in capsys.readouterr().err
    registry = models / "registry.json"
    registry.write_text('{"versions": ["v1", "v2"], "aliases": {"champion": "v2"}}')
    assert main(["rollback", "--models", str(models)]) == 1
    assert "champion" in capsys.readouterr().err


def test_list_names_versions_and_aliases(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--models", str(models)]) == 0
    output = capsys.readouterr().out
    assert "v1" in output
    assert "champion" in output


def test_card_prints_the_markdown(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (models / "v2" / "card.md").write_text("# Model v2\n\nas written\n")
    assert main(["card", "--models", str(models)]) == 0
    assert capsys.readouterr().out == "# Model v2\n\nas written\n"
