"""Azure's answers are written by hand: see deploy/azure_answers.py."""

from __future__ import annotations

import pytest

from ops.__main__ import main
from tests.ops.conftest import ReplayCli
from tests.ops.deploy.azure_answers import ANSWERS, OTHER_PROJECT


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


def test_another_projects_group_stays(replay_cli: ReplayCli, capsys: pytest.CaptureFixture[str]) -> None:
    folder = replay_cli({**ANSWERS, "group list": [OTHER_PROJECT]})
    assert main(["destroy", "--env", "test", "--yes"]) == 1
    assert " delete " not in (folder / "asked.txt").read_text()
    assert "azd-env-name = test" in capsys.readouterr().err


def test_what_was_not_deployed_to_the_end_can_be_deleted(replay_cli: ReplayCli) -> None:
    folder = replay_cli({**ANSWERS, "resource list": []})
    assert main(["destroy", "--env", "test", "--yes"]) == 0
    assert "group delete --name rg-drivecast-test" in (folder / "asked.txt").read_text()


@pytest.mark.parametrize("location", [[], ["--location", "West Europe"]])
def test_the_way_back_of_a_key_vault_is_told(
    location: list[str], replay_cli: ReplayCli, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the vault's own region, whatever the options say or leave out."""
    vault = {"type": "Microsoft.KeyVault/vaults", "name": "kv-dc-abc", "location": "northeurope"}
    replay_cli({**ANSWERS, "resource list": [vault]})
    assert main(["destroy", "--env", "test", "--yes", *location]) == 0
    out = capsys.readouterr().out
    assert "`az group create --name rg-drivecast-test --location northeurope`" in out
    assert "`az keyvault recover --name kv-dc-abc`" in out


def test_nobody_confirms(replay_cli: ReplayCli) -> None:
    folder = replay_cli(ANSWERS)
    assert main(["destroy", "--env", "test"]) == 1
    assert " delete " not in (folder / "asked.txt").read_text()
