"""Late arrivals after a first deployment: the app's keys and host, the roles of who tries it."""

from __future__ import annotations

import os
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import httpx
from azure.core.exceptions import HttpResponseError

from ops.app import remedies, response
from ops.app.azure_cli import RefusedError
from ops.app.storage_account import PREDICTIONS, TELEMETRY
from ops.app.target import KEY_VARIABLE, Target
from ops.app.waiting import NotYetError, Patience
from ops.errors import OpsError
from ops.smoke.round_trip import PLACE

PAUSE = 10.0
"""Seconds between two looks."""

REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
NOT_YET = (
    *REFUSED,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)
"""Statuses of a host that is starting, or has not heard of a key or a role yet."""

ROLES = {TELEMETRY: "Storage Blob Data Contributor", PREDICTIONS: "Storage Blob Data Reader"}
"""Roles of who tries the app, by container."""


def wait(target: Target, seconds: float, tell: Callable[[str], None]) -> None:
    """Wait until the app can be tried, for at most *seconds* for everything together.

    Parameters
    ----------
    tell : callable
        Called with a line whenever something else is waited for.

    Raises
    ------
    OpsError
        Something did not come in time, or is refused for a reason that does not mend itself.
    """
    patience = Patience(seconds, PAUSE, tell)
    if target.in_azure and not os.environ.get(KEY_VARIABLE):
        patience.wait(
            "the app's function key",
            lambda: _key(target),
            f"the key comes with the code ({remedies.CODE}), and to list it takes "
            f"the role Website Contributor on the app; or put one into {KEY_VARIABLE}",
        )
    patience.wait(
        f"GET {response.READY} to be answered 200",
        lambda: _ready(target.http),
        "`python -m ops doctor` with the same options finds the broken link",
    )
    if target.has_storage:
        for container, role in ROLES.items():
            patience.wait(
                f"your role {role} on the container {container}",
                lambda name=container: _check_access(target, name),  # type: ignore[misc]
                remedies.ROLE.format(
                    role=role, scope=f"ACCOUNT_ID/blobServices/default/containers/{container}"
                )
                + " gives it, as does `people` of infra/",
            )


def _key(target: Target) -> None:
    try:
        found: dict[str, Any] = target.ask_about_app("functionapp", "keys", "list", anew=True) or {}
    except RefusedError as error:
        raise NotYetError(str(error)) from None
    if not (found.get("functionKeys") or {}).get("default"):
        raise NotYetError("the app has no function key of the name default yet")


def _ready(http: httpx.Client) -> None:
    try:
        answer = response.get(http, response.READY)
    except OpsError as error:
        raise NotYetError(str(error)) from None
    checks = answer.document.get("checks") or {}
    if (checks.get("storage") or {}).get("ok"):
        return  # whatever else is wrong stays wrong
    if answer.status in NOT_YET:
        raise NotYetError(f"GET {response.READY} answered {answer.summary}")


def _check_access(target: Target, container: str) -> None:
    """Look for a blob that is not there: 404 is said to who may read, 403 to who may not."""
    try:
        target.blobs.get_blob_client(container, f"{PLACE}/arrival").exists()
    except HttpResponseError as error:
        if error.status_code not in REFUSED:
            raise
        first = str(error.message).splitlines()[0]
        raise NotYetError(f"{target.blobs.account_name} answered {error.status_code}: {first}") from None
