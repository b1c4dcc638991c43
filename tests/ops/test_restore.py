"""Azure's answers are written by hand: see deploy/azure_answers.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.__main__ import main
from ops.deploy import model
from tests.ops.conftest import ReplayCli
from tests.ops.deploy.azure_answers import ANSWERS
from tests.ops.deploy.conftest import project

pytestmark = pytest.mark.slow

__all__ = ["project"]


def restore(folder: Path, *more: str) -> int:
    return main(["restore", "--env", "test", "--code", str(folder), *more])


def test_code_and_champion_of_before(
    project: Path, replay_cli: ReplayCli, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = replay_cli(ANSWERS)
    (project / "before.json").write_text('{"environment": "test", "champion": "v1"}')
    promoted: list[tuple[str, str]] = []
    monkeypatch.setattr(model, "promote", lambda storage, version: promoted.append((storage, version)))
    assert restore(project, "--before", "before.json", "--yes") == 0
    assert promoted == [("https://stdrivecasttest.blob.core.windows.net", "v1")]
    asked = [line.partition(" --")[0] for line in (folder / "asked.txt").read_text().splitlines()]
    changed = [words for words in asked if words.split()[-1] not in ("show", "list")]
    # The token first: a pipeline's sign-in does not last until the smoke test.
    assert changed == ["account get-access-token", "functionapp deployment source config-zip"]
    assert "https://func-drivecast-test.example" in capfd.readouterr().out


@pytest.mark.parametrize("before", [[], ["--before", "before.json"]])
def test_models_of_the_package_come_back_with_it(
    before: list[str], project: Path, replay_cli: ReplayCli, monkeypatch: pytest.MonkeyPatch
) -> None:
    replay_cli(ANSWERS)
    (project / "before.json").write_text('{"environment": "test", "champion": null}')
    monkeypatch.setattr(model, "promote", lambda *_: pytest.fail("there is nothing to point back"))
    assert restore(project, *before, "--yes") == 0


def test_it_asks_first(project: Path, replay_cli: ReplayCli) -> None:
    folder = replay_cli(ANSWERS)
    assert restore(project) == 1
    assert not (folder / "asked.txt").exists()


def test_a_folder_without_an_app(
    project: Path, replay_cli: ReplayCli, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replay_cli(ANSWERS)
    assert restore(tmp_path / "nowhere", "--yes") == 1
    assert " .funcignore " in capsys.readouterr().err
