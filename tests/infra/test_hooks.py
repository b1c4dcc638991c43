"""The scripts that `azd up` runs after the code: their order, what they wait for, and how they end.

There is no subscription to ask: `az` is a stand-in that answers from two lists, and takes its time by a clock
that `date` and `sleep` share. What it says of Event Grid is what people have reported of Azure
(Azure/bicep-registry-modules issue 5205, and Event Grid's documented refusal of a web-hook's handshake).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.infra.snapshot import parameters, read
from tests.ops.deploy.azure_answers import OUTPUTS
from tests.support.documented_commands import take

ROOT = Path(__file__).parents[2]
HOOKS = ROOT / "infra" / "hooks"
SHELL = shutil.which("sh") or "/bin/sh"
NO_ROLE = (
    '{"code": "Managed Identity Authorization Error", "message": "Managed Identity for 1 does not have '
    "permission to perform appropriate action on the destination resource. Managed identity for event "
    'subscription does not have authorization to deliver to the endpoint. Visit aka.ms/egmsivalidation"}'
)
NO_HANDSHAKE = "(Url validation) The attempt to validate the provided endpoint https://x.example failed."
NOT_ALLOWED = (
    "(AuthorizationFailed) The client 'a' with object id 'b' does not have authorization to perform action "
    "'Microsoft.Resources/deployments/write' over scope '/subscriptions/1'."
)
FAULTY = "(InvalidTemplate) Deployment template validation failed."
SECONDS = 120
"""How long the stand-in for `az` takes."""

PROGRAMS = {
    "az": 'echo "$*" >>asked; passed {seconds}\n'
    'case "$*" in *keys*) next keys ;;\n'
    '*) said=$(next refusals); [ -z "$said" ] || {{ echo "ERROR: $said" >&2; exit 1; }} ;; esac',
    "date": "cat clock",
    "sleep": 'passed "$1"',
}
PRELUDE = """#!{shell}
cd "$(dirname "$0")"
passed() {{ echo "$(($(cat clock) + $1))" >clock; }}
next() {{ head -n 1 "$1"; sed -i.bak 1d "$1"; }}
"""


class Azure:
    """A folder on PATH with the stand-ins."""

    def __init__(self, folder: Path, refusals: Sequence[str] = (), keys: Sequence[str] = ("true",)) -> None:
        self.folder = folder
        for name, lines in (("refusals", refusals), ("keys", keys), ("clock", ["0"]), ("asked", [])):
            (folder / name).write_text("".join(f"{line}\n" for line in lines))
        for name, script in PROGRAMS.items():
            (folder / name).write_text((PRELUDE + script + "\n").format(shell=SHELL, seconds=SECONDS))
            (folder / name).chmod(0o755)

    def asked(self, word: str = "") -> list[str]:
        return [line for line in (self.folder / "asked").read_text().splitlines() if word in line]

    def run(self, script: str = "event-grid.sh", **changed: str) -> subprocess.CompletedProcess[str]:
        variables = {**OUTPUTS, "PATH": f"{self.folder}{os.pathsep}{os.defpath}", **changed}
        return subprocess.run(
            [SHELL, str(HOOKS / script)],
            cwd=self.folder,  # azd runs a hook from the folder it likes
            env={name: value for name, value in variables.items() if value},
            capture_output=True,
            text=True,
            check=False,
        )


def test_event_grid_waits_for_the_key_and_deploys(tmp_path: Path) -> None:
    azure = Azure(tmp_path, keys=["false", "true"])
    done = azure.run()
    assert done.returncode == 0, done.stderr
    *waited, deployed = azure.asked()
    # Only whether the key is there is asked for, never the key.
    assert ["systemKeys.blobs_extension != null" in line for line in waited] == [True, True]
    assert "--template-file infra/eventgrid.bicep" in deployed
    given = set(re.findall(r"(\w+)=", deployed))
    declared = parameters("eventgrid.bicep")
    assert {name for name, is_required in declared.items() if is_required} <= given <= declared.keys()


@pytest.mark.parametrize(
    ("refusals", "keys", "asked", "printed"),
    [
        ([], [], (5, 0), "func-drivecast-test has no key blobs_extension, looked for during 600 s: "),
        ([NO_ROLE] * 9, ["true"], (1, 5), "waited for the roles of Event Grid's identity on stdrivecastte"),
    ],
)
def test_waiting_ends_by_the_clock_and_says_what_to_do(
    refusals: list[str], keys: list[str], asked: tuple[int, int], printed: str, tmp_path: Path
) -> None:
    azure = Azure(tmp_path, refusals, keys)
    done = azure.run()
    assert done.returncode == 1
    # Tries begin after 0, 135, 270, 405 and 540 s, of 600: what each takes is counted.
    assert (len(azure.asked(" keys ")), len(azure.asked("deployment"))) == asked
    assert " 600 s\n" in done.stdout
    last = done.stderr.splitlines()[-1]
    assert last.startswith(printed)
    assert "--step code`" in last or "`python -m ops doctor --app func-drivecast-test --resource-g" in last
    # Flex Consumption has no log stream.
    assert "`python -m ops logs --app func-drivecast-test --resource-group rg-drivecast-test`" in last


def test_a_queue_needs_no_key(tmp_path: Path) -> None:
    azure = Azure(tmp_path, keys=[])
    done = azure.run(DRIVECAST_DELIVERY="queue")
    assert done.returncode == 0, done.stderr
    (asked,) = azure.asked()
    assert "delivery=queue" in asked


@pytest.mark.parametrize(
    ("refusal", "what"),
    [
        (NO_ROLE, "the roles of Event Grid's identity on stdrivecasttest"),
        (NO_HANDSHAKE, "the web-hook of func-drivecast-test to answer Event Grid's handshake"),
    ],
)
def test_what_comes_by_itself_is_waited_for_and_told_once(refusal: str, what: str, tmp_path: Path) -> None:
    azure = Azure(tmp_path, [refusal, refusal])
    done = azure.run()
    assert done.returncode == 0, done.stderr
    assert len(azure.asked("deployment")) == 3
    assert done.stdout.count(f"waiting for {what}; ") == 1
    assert "func-drivecast-test" in done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("refusal", "printed"),
    [(FAULTY, "InvalidTemplate"), (NOT_ALLOWED, "Role Based Access Control Administrator")],
)
def test_what_does_not_mend_itself_is_told_at_once(refusal: str, printed: str, tmp_path: Path) -> None:
    azure = Azure(tmp_path, [refusal])
    done = azure.run()
    assert (done.returncode, len(azure.asked("deployment"))) == (1, 1)
    assert printed in done.stderr
    assert "roles" not in done.stdout


@pytest.mark.parametrize(("network", "given"), [("", False), ("public", False), ("private", True)])
def test_a_closed_account_is_told_to_the_template(network: str, *, given: bool, tmp_path: Path) -> None:
    azure = Azure(tmp_path)
    assert azure.run(DRIVECAST_STORAGE_NETWORK=network).returncode == 0
    assert (" storageNetwork=private" in azure.asked()[-1]) == given


@pytest.mark.parametrize("script", ["event-grid.sh", "smoke.sh"])
def test_a_missing_output_is_named(script: str, tmp_path: Path) -> None:
    done = Azure(tmp_path).run(script, DRIVECAST_STORAGE="")
    assert done.returncode != 0
    assert "DRIVECAST_STORAGE" in done.stderr
    assert "infra/main.bicep" in done.stderr


def test_the_smoke_test_is_given_options_there_are() -> None:
    _, _, command = (HOOKS / "smoke.sh").read_text().partition("exec .venv/bin/")
    take(re.sub(r'"\$[^"]*"', "1", command.replace("\\\n", "")))


def test_the_hooks_take_outputs_there_are() -> None:
    scripts = "\n".join(path.read_text() for path in HOOKS.glob("*.sh"))
    outputs = set(read("public").outputs)
    assert set(re.findall(r"\b(?:AZURE|DRIVECAST)_[A-Z_]+\b", scripts)) <= outputs == set(OUTPUTS)


def test_azd_runs_event_grid_after_the_code_and_smoke_last() -> None:
    azure = (ROOT / "azure.yaml").read_text()
    assert re.search(r"hooks:\n  postdeploy:\n    shell: sh\n    run: infra/hooks/postdeploy.sh\n", azure)
    steps = re.findall(r"^sh (\S+)$", (HOOKS / "postdeploy.sh").read_text(), re.MULTILINE)
    assert steps == ["infra/hooks/event-grid.sh", "infra/hooks/smoke.sh"]
    service = re.findall(r"^services:\n  (\w+):\n", azure, re.MULTILINE)
    assert read("public").one("Microsoft.Web/sites")["tags"]["azd-service-name"] == service[0]


@pytest.mark.parametrize("path", sorted(HOOKS.glob("*.sh")), ids=lambda path: path.name)
def test_no_hook_names_a_log_stream(path: Path) -> None:
    """Flex Consumption has none."""
    assert not re.search(r"log tail|logstream", path.read_text())
