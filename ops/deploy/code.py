"""The code: packed here, built in Azure, where platform and Python are the app's.

Right after the first deployment of the infrastructure roles and keys are still on their way: what is refused
for that is tried again. The wording is azure-cli 2.91's, and that of deployments' logs on Flex Consumption.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

import httpx

from ops.app import response
from ops.app.azure_cli import RefusedError
from ops.app.target import http_client
from ops.app.waiting import NotYetError, Patience
from ops.deploy import package
from ops.deploy.environment import Environment
from ops.deploy.resources import APP, RESOURCE_GROUP, URL, IncompleteError
from ops.errors import OpsError

TIME_LIMIT = 1200
"""Seconds; installing requirements.txt takes most of some two minutes."""

LISTED_WITHIN, PATIENCE, PAUSE = 120.0, 600.0, 20.0
"""Seconds. Azure's lists lag by some seconds, a role may take ten minutes to arrive."""

ROLE = "the app's role on its storage account"
HOST = "the app's host to start"

NOT_YET = {
    # The app itself puts the package into storage.
    r"InaccessibleStorage|Azure Storage responded with Forbidden": ROLE,
    r"Zip deployment failed.*\b403 \(This request is not authorized": ROLE,
    r"An error occured during deployment\. Status Code: (?:401|403)\b": "your role on the app",
    r"An error occured during deployment\. Status Code: (?:404|502|503|504)\b": "the app to take in code",
    # Whether the code is there is not known, so it is sent again: the same package makes the same app.
    r"Failed to retrieve deployment status": "the state of the deployment",
    r"\(AuthorizationFailed\)|invalid status '(?:Forbidden|Unauthorized)'": "your role on the app",
    r"\(ServiceUnavailable\)|from host runtime": HOST,
    r"invalid status '(?:Service Unavailable|Bad Gateway|Not Found)'": HOST,
}
"""Words of the CLI about a thing that may come by itself, and that thing."""

SENT = r"Deployment was successful but the app appears to be unhealthy|Failed to fetch host key"
"""Words of the CLI when the code is there and the host is not yet."""


def deploy(environment: Environment, folder: Path, tell: Callable[[str], None]) -> str:
    """Deploy a folder's code, and say what was sent.

    Parameters
    ----------
    folder : Path
        The project's folder, or another checkout of it.
    tell : callable
        Called with what is waited for.

    Raises
    ------
    OpsError
        The folder cannot be packed, or Azure does not take it.
    """
    with tempfile.TemporaryDirectory(prefix="drivecast-package-") as location:
        packed = Path(location) / "drivecast.zip"
        names = package.write(folder, packed, datetime.now(UTC))
        again = f"`make deploy ENV={environment.name} STEP=infra` assigns it again"
        values = Patience(LISTED_WITHIN, PAUSE, tell).wait(
            "the new resources to be listed", lambda: _read_outputs(environment), again
        )
        patience = Patience(PATIENCE, PAUSE, tell)
        if not patience.wait("the app", lambda: _send(environment, values, packed), again):
            with http_client(values[URL]) as http:
                log = f"`python -m ops logs --app {values[APP]} --resource-group {values[RESOURCE_GROUP]}`"
                patience.wait(HOST, lambda: _answers(http), f"its log says why: {log}")
        size = packed.stat().st_size
    return f"{len(names)} files, {size / 1e6:.1f} MB, sent to {values[APP]} and built there"


def _read_outputs(environment: Environment) -> dict[str, str]:
    try:
        return environment.outputs()
    except IncompleteError as error:
        raise NotYetError(str(error)) from None


def _send(environment: Environment, values: dict[str, str], packed: Path) -> bool:
    """Send the package; return whether the CLI saw the host start with it."""
    try:
        # On Flex Consumption the CLI sends this to /api/publish, with a token of Entra ID: the plan knows no
        # other way, and the app has no publishing password.
        environment.cli.do(
            *("functionapp", "deployment", "source", "config-zip"),
            *("--resource-group", values[RESOURCE_GROUP], "--name", values[APP]),
            *("--src", str(packed), "--build-remote", "true", "--timeout", str(TIME_LIMIT)),
            time_limit=TIME_LIMIT + 60,
        )
    except RefusedError as error:
        if re.search(SENT, error.stderr):
            return False
        for pattern, what in NOT_YET.items():
            if re.search(pattern, error.stderr):
                raise NotYetError(str(error), what) from None
        raise
    return True


def _answers(http: httpx.Client) -> None:
    try:
        answer = response.get(http, response.HEALTH)
    except OpsError as error:
        raise NotYetError(str(error)) from None
    if answer.status != HTTPStatus.OK:
        raise NotYetError(f"GET {response.HEALTH} answered {answer.summary}")
