"""A token for blob storage, from whoever is signed in with the Azure CLI."""

from __future__ import annotations

import json
import shutil
import subprocess

from collector.errors import ConfigurationError

RESOURCE = "https://storage.azure.com/"
TOKEN_SECONDS = 90.0
"""The Azure CLI takes some ten seconds to start on a small machine."""

_ADVICE = "sign in with `az login` (on a virtual machine `az login --identity`), or give --upload a SAS"


def storage_token() -> str:
    """Return a bearer token of the signed-in identity.

    Raises
    ------
    ConfigurationError
        The Azure CLI is missing, does not answer, or nobody is signed in.
    """
    program = shutil.which("az")
    if program is None:
        raise ConfigurationError("--upload has no SAS and the Azure CLI (az) is not on PATH; " + _ADVICE)
    command = [program, "account", "get-access-token", "--resource", RESOURCE, "--output", "json"]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TOKEN_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ConfigurationError("`az account get-access-token` did not answer; " + _ADVICE) from None
    if done.returncode != 0:
        said = " ".join(done.stderr.decode("utf-8", "replace").split())[:200]
        raise ConfigurationError(f"`az account get-access-token` failed ({said}); {_ADVICE}")
    try:
        token = json.loads(done.stdout.decode("utf-8"))["accessToken"]
    except (ValueError, KeyError, TypeError):
        token = None
    if not isinstance(token, str) or not token:
        raise ConfigurationError("`az account get-access-token` gave no token; update the Azure CLI")
    return token
