"""The model that answered before a deployment: recorded first, for `python -m ops restore` to put back."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ops.deploy import model
from ops.deploy.environment import Environment
from ops.deploy.resources import NotDeployedError
from ops.errors import OpsError


class Before(msgspec.Struct, forbid_unknown_fields=True):
    """State that a deployment may change besides the code.

    Attributes
    ----------
    champion : str or None
        Version in the container `models`; None where models come with the package, or none was there.
    """

    environment: str
    champion: str | None


def write(environment: Environment, path: Path) -> Before:
    """Look at the environment and write down what is there; an environment that is not there has nothing."""
    try:
        target = environment.target()
    except NotDeployedError:
        found = None
    else:
        found = model.champion(target) if model.comes_from_container(target) else None
    before = Before(environment.name, found)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(before), indent=2) + b"\n")
    return before


def read(environment: Environment, path: Path) -> Before:
    """Read what `write` wrote; OpsError when the file cannot be read, or is another environment's."""
    try:
        before = msgspec.json.decode(path.read_bytes(), type=Before)
    except (OSError, msgspec.MsgspecError) as error:
        raise OpsError(f"{path} cannot be read: {error}; `python -m ops deploy --before` writes it") from None
    if before.environment != environment.name:
        raise OpsError(f"{path} is of environment {before.environment}, not of {environment.name}")
    return before
