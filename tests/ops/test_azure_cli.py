from __future__ import annotations

from pathlib import Path

import pytest

from ops import azure_cli
from ops.azure_cli import AzureCli
from ops.errors import OpsError
from tests.ops.conftest import ReplayCli


def test_an_answer_is_decoded_and_asked_for_once(replay_cli: ReplayCli) -> None:
    folder = replay_cli({"account show": {"id": "1"}})
    cli = AzureCli()
    assert cli.ask("account", "show", "--name", "x") == {"id": "1"}
    assert cli.ask("account", "show", "--name", "x") == {"id": "1"}
    asked = (folder / "asked.txt").read_text().splitlines()
    assert asked == ["account show --name x --output json --only-show-errors"]


def test_a_refusal_is_one_line_that_names_the_command(replay_cli: ReplayCli) -> None:
    replay_cli({})
    with pytest.raises(
        OpsError, match=r"^`az functionapp show` failed: \(functionapp show\) was not found\.$"
    ):
        AzureCli().ask("functionapp", "show", "--name", "secret-name")


def test_nobody_signed_in(replay_cli: ReplayCli) -> None:
    # As azure-cli-core words it.
    replay_cli({"account show": {"error": "ERROR: Please run 'az login' to setup account."}})
    with pytest.raises(OpsError, match="nobody is signed in; run `az login`"):
        AzureCli().ask("account", "show")


def test_no_cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OpsError, match=r"the Azure CLI \(az\) is not on PATH"):
        AzureCli().ask("account", "show")


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo '<html>'", "answered something that is not JSON"),
        ("exec sleep 20", "did not answer within 0 s"),
        ("exit 3", "failed: it gave no reason"),
    ],
)
def test_an_odd_cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, message: str) -> None:
    program = tmp_path / "az"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    if "sleep" in script:
        monkeypatch.setattr(azure_cli, "TIME_LIMIT", 0.3)
    with pytest.raises(OpsError, match=message):
        AzureCli(str(program)).ask("account", "show")


def test_no_output_is_nothing(tmp_path: Path) -> None:
    program = tmp_path / "az"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert AzureCli(str(program)).ask("account", "show") is None
