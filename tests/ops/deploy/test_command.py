"""A deployment from beginning to end. Azure's answers are written by hand: see azure_answers.py."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from ops.__main__ import main
from ops.deploy.steps import STEPS
from tests.ops.conftest import ReplayCli
from tests.ops.deploy.azure_answers import ANSWERS

pytestmark = pytest.mark.slow

KEY = "a-key-of-the-host"


def asked(folder: Path) -> list[str]:
    """Return what the CLI was asked to change or show, questions left out."""
    lines = (folder / "asked.txt").read_text().splitlines()
    words = (" what-if ", " create ", " config-zip ", " delete ")
    return [line for line in lines if any(word in line for word in words)]


def test_all_steps_in_their_order(
    project: Path, replay_cli: ReplayCli, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = replay_cli(ANSWERS)
    assert main(["deploy", "--env", "test", "--yes"]) == 0
    preview, infra, code, events = asked(folder)
    common = (
        "--name drivecast-test --location westeurope --template-file infra/main.bicep "
        "--parameters infra/main.bicepparam"
    )
    assert preview == (
        f"deployment sub what-if {common} --validation-level ProviderNoRbac --only-show-errors"
    )
    assert infra == f"deployment sub create {common} --output json --only-show-errors"
    assert re.fullmatch(
        r"functionapp deployment source config-zip --resource-group rg-drivecast-test --name "
        r"func-drivecast-test --src \S+/drivecast\.zip --build-remote true --timeout 1200 "
        r"--output json --only-show-errors",
        code,
    )
    assert events.startswith("deployment group create --resource-group rg-drivecast-test ")
    assert "--template-file infra/eventgrid.bicep" in events
    out = capfd.readouterr().out
    positions = [out.index(f"{step.name}: {step.summary}") for step in STEPS]
    assert positions == sorted(positions)
    assert "1 to create" in out
    assert re.search(r"https://func-drivecast-test\.example .*\bstdrivecasttest\b", out)
    assert "the models came with the code" in out


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("what-if", ["deployment sub what-if"]),
        ("infra", ["deployment sub create"]),
        ("code", ["functionapp deployment source config-zip"]),
        ("model", []),
        ("event-grid", ["deployment group create"]),
        ("smoke", []),
    ],
)
def test_a_step_alone_and_again(step: str, words: list[str], project: Path, replay_cli: ReplayCli) -> None:
    folder = replay_cli(ANSWERS)
    for _ in range(2):
        assert main(["deploy", "--env", "test", "--yes", "--step", step]) == 0
    assert [line.partition(" --")[0] for line in asked(folder)] == words * 2


def test_every_step_is_tried_alone_above() -> None:
    marks = test_a_step_alone_and_again.pytestmark  # type: ignore[attr-defined]
    assert [step.name for step in STEPS] == [case[0] for case in marks[0].args[1]]


def test_nothing_is_deployed_that_nobody_confirms(
    project: Path, replay_cli: ReplayCli, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = replay_cli(ANSWERS)
    assert main(["deploy", "--env", "test"]) == 1
    assert [line.partition(" --")[0] for line in asked(folder)] == ["deployment sub what-if"]
    assert "--yes" in capfd.readouterr().err


def test_a_failed_step_ends_it(
    project: Path, replay_cli: ReplayCli, capfd: pytest.CaptureFixture[str]
) -> None:
    refused = {"error": "ERROR: There may be an ongoing deployment."}
    folder = replay_cli({**ANSWERS, "functionapp deployment source config-zip": refused})
    assert main(["deploy", "--env", "test", "--yes"]) == 1
    assert not [line for line in asked(folder) if "eventgrid" in line]
    assert ": There may be an ongoing deployment." in capfd.readouterr().err


def test_no_web_hook_key_yet(project: Path, replay_cli: ReplayCli, capfd: pytest.CaptureFixture[str]) -> None:
    folder = replay_cli({**ANSWERS, "functionapp keys list": False})
    assert main(["deploy", "--env", "test", "--step", "event-grid"]) == 1
    assert not asked(folder)
    err = capfd.readouterr().err
    assert "score_telemetry" in err
    assert err.splitlines()[-1].startswith("error: infra/hooks/event-grid.sh ")


def test_no_key_is_printed_or_handed_to_a_process(
    project: Path, replay_cli: ReplayCli, capfd: pytest.CaptureFixture[str]
) -> None:
    keys = {"functionKeys": {"default": KEY}, "systemKeys": {"blobs_extension": KEY}}
    folder = replay_cli({**ANSWERS, "functionapp keys list": keys})
    main(["deploy", "--env", "test", "--yes"])
    out, err = capfd.readouterr()
    assert KEY not in out + err + (folder / "asked.txt").read_text()


@pytest.mark.parametrize("name", ["", "D", "dev_1", "-dev", "dev-", "a" * 21, "../x"])
def test_a_name_that_cannot_be_one(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deploy", f"--env={name}"]) == 1
    assert " 2 to 20 " in capsys.readouterr().err


def test_a_parameter_file_of_its_own_comes_first(project: Path, replay_cli: ReplayCli) -> None:
    (project / "infra" / "test.bicepparam").write_text("using 'main.bicep'\n")
    folder = replay_cli(ANSWERS)
    assert main(["deploy", "--env", "test", "--step", "what-if", "--location", "northeurope"]) == 0
    assert "--location northeurope" in asked(folder)[0]
    assert "--parameters infra/test.bicepparam" in asked(folder)[0]


def test_no_cli(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}")
    assert main(["deploy", "--env", "test"]) == 1
    assert " (az) " in capsys.readouterr().err
