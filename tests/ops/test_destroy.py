"""Azure's answers are written by hand: see deploy/azure_answers.py."""

from __future__ import annotations

import pytest

from ops.__main__ import main
from tests.ops.conftest import ReplayCli
from tests.ops.deploy.azure_answers import ANSWERS


def test_everything_is_shown_and_deleted(replay_cli: ReplayCli, capsys: pytest.CaptureFixture[str]) -> None:
    folder = replay_cli(ANSWERS)
    assert main(["destroy", "--env", "test", "--yes"]) == 0
    deleted = [line for line in (folder / "asked.txt").read_text().splitlines() if " delete " in line]
    assert deleted == [
        "group delete --name rg-drivecast-test --yes --output json --only-show-errors",
        "deployment sub delete --name drivecast-test --output json --only-show-errors",
    ]
    out = capsys.readouterr().out
    assert "Microsoft.Web/sites  func-drivecast-test" in out
    assert "are deleted" in out


@pytest.mark.parametrize("tags", [None, {}, {"azd-env-name": "prod"}])
def test_a_group_that_is_not_ours_stays(
    tags: object, replay_cli: ReplayCli, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = replay_cli({**ANSWERS, "group show": {"name": "rg", "tags": tags}})
    assert main(["destroy", "--env", "test", "--yes"]) == 1
    assert " delete " not in (folder / "asked.txt").read_text()
    assert "may hold what is not ours" in capsys.readouterr().err


def test_nobody_confirms(replay_cli: ReplayCli) -> None:
    folder = replay_cli(ANSWERS)
    assert main(["destroy", "--env", "test"]) == 1
    assert " delete " not in (folder / "asked.txt").read_text()
