"""The scripts that `azd up` runs after the code, and their order.

`az` is a stand-in here, a script that writes down what it was asked: there is no subscription to ask.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.infra.snapshot import parameters, read

ROOT = Path(__file__).parents[2]
SHELL = shutil.which("sh") or "/bin/sh"
OUTPUTS = {
    "AZURE_RESOURCE_GROUP": "rg-drivecast-test",
    "DRIVECAST_APP": "func-drivecast-test",
    "DRIVECAST_URL": "https://func-drivecast-test.example",
    "DRIVECAST_STORAGE": "stdrivecasttest",
    "DRIVECAST_EVENTS_IDENTITY": "id-drivecast-test-events",
    "DRIVECAST_WORKSPACE": "log-drivecast-test",
    "DRIVECAST_ACTION_GROUP": "ag-drivecast-test",
    "DRIVECAST_DELIVERY": "webhook",
    "DRIVECAST_STORAGE_NETWORK": "public",
}
"""Outputs of main.bicep, which azd hands to the hooks."""


class Azure:
    """A folder on PATH with an `az` that answers from a list, and what it was asked."""

    def __init__(self, folder: Path, answers: list[str]) -> None:
        self.folder = folder
        self._asked = folder / "asked"
        (folder / "answers").write_text("".join(f"{answer}\n" for answer in answers))
        az = folder / "az"
        az.write_text(
            f"#!{SHELL}\n"
            f'echo "$*" >>"{self._asked}"\n'
            f'case "$*" in *keys*) head -n 1 "{folder}/answers"; sed -i.bak 1d "{folder}/answers" ;; esac\n'
        )
        az.chmod(0o755)

    @property
    def asked(self) -> list[str]:
        return self._asked.read_text().splitlines() if self._asked.exists() else []

    def run(self, script: str, **changed: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **OUTPUTS,
            "PATH": f"{self.folder}{os.pathsep}{os.defpath}",
            "EVENT_GRID_TRIES": "3",
            "EVENT_GRID_PAUSE": "0",
            **changed,
        }
        return subprocess.run(
            [SHELL, str(ROOT / "infra" / "hooks" / script)],
            cwd=self.folder,  # azd runs a hook from the folder it likes
            env={name: value for name, value in environment.items() if value},
            capture_output=True,
            text=True,
            check=False,
        )


def test_event_grid_waits_for_the_key_and_deploys(tmp_path: Path) -> None:
    azure = Azure(tmp_path, ["false", "true"])
    done = azure.run("event-grid.sh")
    assert done.returncode == 0, done.stderr
    *waited, deployed = azure.asked
    assert len(waited) == 2
    assert "--template-file infra/eventgrid.bicep" in deployed
    given = set(re.findall(r"(\w+)=", deployed))
    declared = parameters("eventgrid.bicep")
    assert {name for name, is_required in declared.items() if is_required} <= given <= declared.keys()


def test_the_key_itself_is_never_asked_for_by_the_event_grid_hook(tmp_path: Path) -> None:
    azure = Azure(tmp_path, ["true"])
    azure.run("event-grid.sh")
    assert "systemKeys.blobs_extension != null" in azure.asked[0]


def test_without_the_key_it_says_what_to_do(tmp_path: Path) -> None:
    azure = Azure(tmp_path, [])
    done = azure.run("event-grid.sh")
    assert done.returncode == 1
    assert "has not indexed score_telemetry" in done.stderr
    assert not [line for line in azure.asked if "deployment" in line]


def test_a_queue_needs_no_key(tmp_path: Path) -> None:
    azure = Azure(tmp_path, [])
    done = azure.run("event-grid.sh", DRIVECAST_DELIVERY="queue")
    assert done.returncode == 0, done.stderr
    assert len(azure.asked) == 1
    assert "delivery=queue" in azure.asked[0]


@pytest.mark.parametrize("script", ["event-grid.sh", "smoke.sh"])
def test_a_missing_output_is_named(script: str, tmp_path: Path) -> None:
    done = Azure(tmp_path, ["true"]).run(script, DRIVECAST_STORAGE="")
    assert done.returncode != 0
    assert "DRIVECAST_STORAGE" in done.stderr
    assert "output of infra/main.bicep" in done.stderr


def test_the_hooks_take_outputs_there_are() -> None:
    outputs = set(read("public").outputs)
    scripts = "\n".join(path.read_text() for path in (ROOT / "infra" / "hooks").glob("*.sh"))
    used = set(re.findall(r"\b(?:AZURE|DRIVECAST)_[A-Z_]+\b", scripts))
    assert used <= outputs
    assert set(OUTPUTS) == outputs


def test_azd_runs_event_grid_after_the_code_and_smoke_last() -> None:
    azure = (ROOT / "azure.yaml").read_text()
    assert re.search(r"hooks:\n  postdeploy:\n    shell: sh\n    run: infra/hooks/postdeploy.sh\n", azure)
    steps = re.findall(r"^sh (\S+)$", (ROOT / "infra/hooks/postdeploy.sh").read_text(), re.MULTILINE)
    assert steps == ["infra/hooks/event-grid.sh", "infra/hooks/smoke.sh"]


def test_azd_finds_the_app_by_its_tag() -> None:
    service = re.findall(r"^services:\n  (\w+):\n", (ROOT / "azure.yaml").read_text(), re.MULTILINE)
    assert read("public").one("Microsoft.Web/sites")["tags"]["azd-service-name"] == service[0]
