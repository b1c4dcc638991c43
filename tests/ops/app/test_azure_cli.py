from __future__ import annotations

from pathlib import Path

import pytest

from ops.app import azure_cli
from ops.app.azure_cli import AzureCli
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
    with pytest.raises(OpsError, match=r"^`az functionapp show` .*\(functionapp show\)"):
        AzureCli().ask("functionapp", "show", "--name", "secret-name")


def test_nobody_signed_in(replay_cli: ReplayCli) -> None:
    # As azure-cli-core words it.
    replay_cli({"account show": {"error": "ERROR: Please run 'az login' to setup account."}})
    with pytest.raises(OpsError, match="`az login`"):
        AzureCli().ask("account", "show")


def test_a_sign_in_that_is_too_old_is_not_taken_for_none(replay_cli: ReplayCli) -> None:
    printed = "ERROR: AADSTS700024: Client assertion is not within its valid time range. Please run: az login"
    replay_cli({"account show": {"error": printed}})
    with pytest.raises(OpsError, match="azure/login"):
        AzureCli().ask("account", "show")


def test_no_cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OpsError, match=r"\(az\).* PATH\b"):
        AzureCli().ask("account", "show")


@pytest.mark.parametrize(
    ("script", "named"),
    [
        ("echo '<html>'", "JSON"),
        ("exec sleep 20", r"\b0 s\b"),
        ("exit 3", "^`az account show` "),
        (
            "echo 'x.py:1: SyntaxWarning: invalid escape' >&2; echo 'ERROR: no such group' >&2; exit 1",
            ": no such group$",
        ),
    ],
)
def test_an_odd_cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, named: str) -> None:
    program = tmp_path / "az"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    if "sleep" in script:
        monkeypatch.setattr(azure_cli, "TIME_LIMIT", 0.3)
    with pytest.raises(OpsError, match=named):
        AzureCli(str(program)).ask("account", "show")


def test_no_output_is_nothing(tmp_path: Path) -> None:
    program = tmp_path / "az"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert AzureCli(str(program)).ask("account", "show") is None


def test_what_changes_something_is_never_answered_from_memory(replay_cli: ReplayCli) -> None:
    folder = replay_cli({"group delete": {}, "group show": {"name": "rg"}})
    cli = AzureCli()
    for _ in range(2):
        cli.do("group", "delete", "--name", "rg", time_limit=20)
        cli.ask("group", "show", "--name", "rg")
    assert len((folder / "asked.txt").read_text().splitlines()) == 4


def test_what_is_to_be_seen_is_seen(replay_cli: ReplayCli, capfd: pytest.CaptureFixture[str]) -> None:
    replay_cli({"deployment sub what-if": "+ create"})
    AzureCli().show("deployment", "sub", "what-if", "--name", "x")
    assert "+ create" in capfd.readouterr().out
    with pytest.raises(OpsError, match=r"^`az group list` "):
        AzureCli().show("group", "list")
    assert "(group list)" in capfd.readouterr().err


def test_variables_reach_the_cli(tmp_path: Path) -> None:
    program = tmp_path / "az"
    program.write_text('#!/bin/sh\nprintf \'"%s"\' "$AZURE_ENV_NAME"\n')
    program.chmod(0o755)
    assert AzureCli(str(program), {"AZURE_ENV_NAME": "dev"}).ask("account", "show") == "dev"
