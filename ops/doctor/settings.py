"""The app's settings: complete, readable, and none that Flex Consumption ignores."""

from __future__ import annotations

import os
from collections.abc import Mapping

from devhost import app_settings
from devhost.errors import DevhostError
from functions.errors import SettingError
from functions.settings import BLOB_TRIGGER_SOURCE, SETTINGS, value_of
from ops.app import remedies
from ops.app.storage_account import SETTING
from ops.app.target import Target
from ops.doctor.check import Finding, failure, ok
from ops.errors import OpsError

REQUIRED = (
    f"{SETTING}__blobServiceUri",
    f"{SETTING}__queueServiceUri",
    f"{SETTING}__credential",
    f"{SETTING}__clientId",
    "APPLICATIONINSIGHTS_CONNECTION_STRING",
)
"""Needs of an app in Azure besides its own settings: the account by identity, and a place for its logs."""

IGNORED_BY_FLEX = (
    "FUNCTIONS_WORKER_RUNTIME",
    "FUNCTIONS_WORKER_RUNTIME_VERSION",
    "FUNCTIONS_EXTENSION_VERSION",
    "FUNCTIONS_WORKER_PROCESS_COUNT",
    "SCM_DO_BUILD_DURING_DEPLOYMENT",
    "ENABLE_ORYX_BUILD",
    "WEBSITE_RUN_FROM_PACKAGE",
    "WEBSITE_CONTENTSHARE",
    "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING",
    "WEBSITE_VNET_ROUTE_ALL",
)
"""Settings that Flex Consumption deprecates; some of them keep an app from starting.

https://learn.microsoft.com/azure/azure-functions/functions-app-settings#flex-consumption-plan-deprecations
"""

REMEDY = (
    f"deploy the infrastructure again ({remedies.INFRA}), or correct it (`az functionapp config appsettings "
    "set --settings NAME=VALUE` with the app's name and group); docs/reference.md lists them"
)


def settings_of(target: Target) -> Mapping[str, str]:
    """Return the settings the app has: in Azure its own, on this machine what the folder and environment say.

    Raises
    ------
    OpsError
        They cannot be read.
    """
    if target.in_azure:
        return target.app_settings
    environment = dict(os.environ)
    try:
        app_settings.load(target.folder, environment)
    except DevhostError as error:
        raise OpsError(str(error)) from None
    return environment


def check_settings(target: Target) -> Finding:
    """Read every setting as the app does, and in Azure look for missing and harmful ones."""
    found = settings_of(target)
    wrong = []
    for setting in SETTINGS:
        try:
            value_of(setting, found)
        except SettingError as error:
            wrong.append(error.detail)
    if target.in_azure:
        wrong += [f"{name} is missing" for name in REQUIRED if not found.get(name)]
        wrong += [
            f"{name} is set, which Flex Consumption ignores or refuses" for name in _find_ignored(found)
        ]
        if found.get(BLOB_TRIGGER_SOURCE.name) not in (None, "", BLOB_TRIGGER_SOURCE.default):
            wrong.append(f"{BLOB_TRIGGER_SOURCE.name} is not {BLOB_TRIGGER_SOURCE.default}")
        if found.get(SETTING):
            wrong.append(f"{SETTING} holds a connection string; the app is to use its identity")
    elif not found.get(SETTING):
        wrong.append(f"{SETTING} is missing")
    if wrong:
        return failure("; ".join(text.rstrip(".") for text in wrong), REMEDY)
    given = sum(bool(found.get(setting.name)) for setting in SETTINGS)
    return ok(f"{len(SETTINGS)} readable, {given} of them given, the others default")


def _find_ignored(found: Mapping[str, str]) -> list[str]:
    return [name for name in IGNORED_BY_FLEX if name in found]
