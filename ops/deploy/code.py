"""The code: packed here, built in Azure, where platform and Python are the app's."""

from __future__ import annotations

import tempfile
from pathlib import Path

from ops.deploy import package
from ops.deploy.environment import APP, RESOURCE_GROUP, Environment

TIME_LIMIT = 1200
"""Seconds; installing requirements.txt takes most of some two minutes."""


def deploy(environment: Environment, folder: Path) -> str:
    """Deploy a folder's code, and say what was sent.

    Parameters
    ----------
    environment : Environment
        Where to.
    folder : Path
        The project's folder, or another checkout of it.

    Returns
    -------
    str
        For people.
    """
    values = environment.outputs()
    with tempfile.TemporaryDirectory(prefix="drivecast-package-") as place:
        packed = Path(place) / "drivecast.zip"
        names = package.write(folder, packed)
        # On Flex Consumption the CLI sends this to /api/publish, with a token of Entra ID: the plan knows no
        # other way, and the app has no publishing password.
        environment.cli.do(
            *("functionapp", "deployment", "source", "config-zip"),
            *("--resource-group", values[RESOURCE_GROUP], "--name", values[APP]),
            *("--src", str(packed), "--build-remote", "true", "--timeout", str(TIME_LIMIT)),
            time_limit=TIME_LIMIT + 60,
        )
        size = packed.stat().st_size
    return f"{len(names)} files, {size / 1e6:.1f} MB, sent to {values[APP]} and built there"
