"""What the hooks wait for after a first deployment, and how they end.

`az` is a stand-in that refuses for a while. What it says of Event Grid is what people have reported of Azure
(Azure/bicep-registry-modules issue 5205, and Event Grid's documented refusal of a web-hook's handshake).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.infra.test_hooks import OUTPUTS, ROOT, SHELL

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


def deploy(
    folder: Path, *refusals: str, **changed: str
) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run event-grid.sh with an `az` that refuses to deploy, once for each of them; return what was asked."""
    (folder / "refusals").mkdir()
    for number, refusal in enumerate(refusals, 1):
        (folder / "refusals" / str(number)).write_text(f"ERROR: {refusal}\n")
    az = folder / "az"
    az.write_text(
        f"#!{SHELL}\n"
        f'echo "$*" >>"{folder}/asked"\n'
        'case "$*" in *keys*) echo true; exit ;; esac\n'
        f'number=$(grep -c "^deployment" "{folder}/asked")\n'
        f'[ -f "{folder}/refusals/$number" ] || exit 0\n'
        f'cat "{folder}/refusals/$number" >&2\n'
        "exit 1\n"
    )
    az.chmod(0o755)
    environment = {
        **OUTPUTS,
        "PATH": f"{folder}{os.pathsep}{os.defpath}",
        "EVENT_GRID_TRIES": "3",
        "EVENT_GRID_PAUSE": "0",
        **changed,
    }
    done = subprocess.run(
        [SHELL, str(ROOT / "infra" / "hooks" / "event-grid.sh")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    asked = (folder / "asked").read_text().splitlines()
    return done, [line for line in asked if line.startswith("deployment")]


@pytest.mark.parametrize(
    ("refusal", "what"),
    [
        (NO_ROLE, "the roles of Event Grid's identity on stdrivecasttest"),
        (NO_HANDSHAKE, "the web-hook of func-drivecast-test to answer Event Grid's handshake"),
    ],
)
def test_what_comes_by_itself_is_waited_for_and_told_once(refusal: str, what: str, tmp_path: Path) -> None:
    done, deployed = deploy(tmp_path, refusal, refusal)
    assert done.returncode == 0, done.stderr
    assert len(deployed) == 3
    assert done.stdout.count(f"waiting for {what}, ") == 1
    assert done.stdout.endswith("Event Grid tells func-drivecast-test of new telemetry\n")


def test_waiting_has_an_end_that_says_what_to_do(tmp_path: Path) -> None:
    done, deployed = deploy(tmp_path, *[NO_ROLE] * 5)
    assert (done.returncode, len(deployed)) == (1, 3)
    last = done.stderr.splitlines()[-1]
    assert last.startswith(
        "waited for the roles of Event Grid's identity on stdrivecasttest, which did not come"
    )
    assert "`python -m ops doctor --app func-drivecast-test --resource-group rg-drivecast-test`" in last


@pytest.mark.parametrize(
    ("refusal", "said"),
    [(FAULTY, "InvalidTemplate"), (NOT_ALLOWED, "Role Based Access Control Administrator")],
)
def test_what_does_not_mend_itself_is_told_at_once(refusal: str, said: str, tmp_path: Path) -> None:
    done, deployed = deploy(tmp_path, refusal)
    assert (done.returncode, len(deployed)) == (1, 1)
    assert said in done.stderr
    assert "waiting for the roles" not in done.stdout


@pytest.mark.parametrize(("network", "given"), [("", False), ("public", False), ("private", True)])
def test_a_closed_account_is_told_to_the_template(network: str, *, given: bool, tmp_path: Path) -> None:
    done, (deployed,) = deploy(tmp_path, DRIVECAST_STORAGE_NETWORK=network)
    assert done.returncode == 0, done.stderr
    assert (" storageNetwork=private" in deployed) == given


def test_the_smoke_test_is_given_options_there_are() -> None:
    script = (ROOT / "infra" / "hooks" / "smoke.sh").read_text()
    command = [sys.executable, "-m", "ops", "smoke", "--help"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    given = set(re.findall(r"--[a-z-]+", script))
    assert (
        {"--wait", "--app", "--resource-group", "--storage"} <= given <= set(re.findall(r"--[a-z-]+", told))
    )


def test_no_hook_sends_anybody_to_a_log_stream() -> None:
    """Flex Consumption has none: `az webapp log tail` shows nothing there."""
    for path in (ROOT / "infra" / "hooks").glob("*.sh"):
        assert "log tail" not in path.read_text()
        assert "logstream" not in path.read_text()
