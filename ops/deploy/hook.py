"""The scripts of infra/hooks, which `azd` runs as well: Event Grid and smoke test."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from ops.deploy.environment import Environment
from ops.errors import OpsError

HOOKS = Path("infra") / "hooks"
SHELL = "sh"


def run(environment: Environment, script: str) -> None:
    """Run a script with main.bicep's outputs as its variables; its output is the person's to see.

    Parameters
    ----------
    script : str
        Name in infra/hooks.

    Raises
    ------
    OpsError
        It failed; what it said stands above.
    """
    variables = {**os.environ, **environment.outputs()}
    path = HOOKS / script
    done = subprocess.run(  # noqa: S603 (a script of this project)
        [SHELL, str(path)],
        cwd=environment.folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode != 0:
        raise OpsError(f"{path} failed; its message is above. Run it again with the step of its name alone")
