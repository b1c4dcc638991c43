"""App settings: ``Values`` of local.settings.json, put into the environment as the Functions host does."""

from __future__ import annotations

import json
import os
import re
from collections.abc import MutableMapping
from pathlib import Path

from devhost.errors import DevhostError

HOST_CONNECTION = "AzureWebJobsStorage"
"""The app setting whose account holds receipts, the blob trigger's queue and the timers' state."""


def load(app: Path, environment: MutableMapping[str, str] | None = None) -> str:
    """Add the app's local settings to the environment; what is set there already wins.

    Parameters
    ----------
    app : Path
        The app's folder. ``local.settings.json`` is read, or ``local.settings.example.json`` when it is
        absent.

    Returns
    -------
    str
        A sentence saying what was read.

    Raises
    ------
    DevhostError
        If the file is not JSON, encrypted, or a value is not a string, number or boolean.
    """
    target = os.environ if environment is None else environment
    path = app / "local.settings.json"
    note = f"settings from {path.name}"
    if not path.exists():
        path = app / "local.settings.example.json"
        note = f"settings from {path.name} (there is no local.settings.json)"
        if not path.exists():
            return "no local.settings.json; settings come from the environment alone"
    for name, value in _values(path).items():
        target.setdefault(name, value)
    return note


def _values(path: Path) -> dict[str, str]:
    """Read and check the ``Values`` object of a settings file."""
    try:
        document = json.loads(path.read_text("utf-8-sig"))
    except (ValueError, OSError) as error:
        raise DevhostError(f"{path}: expected a JSON object, found something unreadable: {error}") from None
    values = document.get("Values", {}) if isinstance(document, dict) else None
    if not isinstance(values, dict):
        raise DevhostError(f'{path}: expected an object {{"Values": {{"NAME": "value"}}}}')
    if document.get("IsEncrypted"):
        raise DevhostError(f"{path}: is encrypted; run `func settings decrypt` first")
    result = {}
    for name, value in values.items():
        if not isinstance(value, str | int | float | bool):
            raise DevhostError(f"{path}: Values.{name} is {type(value).__name__}; expected a string")
        result[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return result


def expand(text: str, where: str) -> str:
    """Replace each ``%NAME%`` by the app setting of that name, as binding expressions do.

    DevhostError if a setting is missing; *where* says which binding asked for it.
    """

    def setting(match: re.Match[str]) -> str:
        value = os.environ.get(match[1])
        if value is None:
            raise DevhostError(
                f"{where}: app setting {match[1]} is not set; "
                f"export {match[1]}=VALUE, or add it to Values in local.settings.json"
            )
        return value

    return re.sub(r"%([^%{}]+)%", setting, text)


def connection_string(name: str, where: str) -> str:
    """Return the storage connection string an app setting holds.

    Raises
    ------
    DevhostError
        If the setting is missing or empty.
    """
    value = os.environ.get(name) or os.environ.get(f"AzureWebJobs{name}")
    if not value:
        raise DevhostError(
            f"{where}: app setting {name} is not set; export {name}=UseDevelopmentStorage=true "
            "(or a connection string), or add it to Values in local.settings.json"
        )
    return value
