"""The variables that infra/main.bicepparam reads, cleaned where they enter: trimmed, and empty is absent."""

from __future__ import annotations

import os
import re

from ops.errors import OpsError

NAME = "AZURE_ENV_NAME"
LOCATION = "AZURE_LOCATION"
PRINCIPAL = "AZURE_PRINCIPAL_ID"
"""Object id of who becomes an operator."""

PRINCIPAL_TYPE = "AZURE_PRINCIPAL_TYPE"
EMAILS = "DRIVECAST_ALERT_EMAILS"

READ = (NAME, LOCATION, PRINCIPAL, PRINCIPAL_TYPE, EMAILS)
"""All of them; the first comes from ``--env``."""

DEFAULT_LOCATION = "westeurope"

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,18}[a-z0-9])")
"""2 to 20 characters, as main.bicep's parameter, and fit for the names of apps."""

_REGION = re.compile(r"[a-z][a-z0-9]+")
_OBJECT_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_ADDRESS = re.compile(r"[^@\s,;:<>\"]+@[^@\s,;:<>\"]+\.[^@\s,;:<>\".]+")

_TYPES = {"user": "User", "group": "Group", "serviceprincipal": "ServicePrincipal"}
"""How Azure writes the types of who can have a role."""


def name(given: str) -> str:
    """Return an environment's name in small letters, or OpsError: `DEV` and `dev` are one for main.bicep."""
    found = given.strip().lower()
    if not _NAME.fullmatch(found):
        raise OpsError(f"--env is {given!r}; expected 2 to 20 small letters, digits and dashes, such as dev")
    return found


def location(given: str | None) -> str:
    """Return a region as Azure writes it: the option's, else the variable's, else the default; or OpsError.

    `West Europe` and `westeurope` are one.
    """
    wanted = (given or "").strip() or _variable(LOCATION) or DEFAULT_LOCATION
    found = "".join(wanted.split()).lower()
    if not _REGION.fullmatch(found):
        raise OpsError(
            f"the region is {wanted!r}; expected a name such as {DEFAULT_LOCATION} "
            "(`az account list-locations --output table`), in --location or " + LOCATION
        )
    return found


def emails() -> str:
    """Return the addresses that get alerts, with commas between them, or OpsError; empty for none."""
    found: dict[str, str] = {}
    for address in (part.strip() for part in re.split("[,;]", _variable(EMAILS))):
        if address and not _ADDRESS.fullmatch(address):
            raise OpsError(f"{EMAILS} holds {address!r}; expected mail addresses with commas between them")
        if address:
            found.setdefault(address.casefold(), address)
    return ",".join(found.values())


def principal() -> str:
    """Return the object id that somebody gave, or OpsError if it is none; empty when nobody did."""
    found = _variable(PRINCIPAL).lower()
    if found and not _OBJECT_ID.fullmatch(found):
        raise OpsError(
            f"{PRINCIPAL} is {found!r}; expected an object id of Entra ID (`az ad signed-in-user show "
            "--query id`, or `az ad sp show --id CLIENT_ID --query id`)"
        )
    return found


def principal_type(signed_in: str) -> str:
    """Return the type of the operator: the variable's, else that of who is signed in; or OpsError.

    Parameters
    ----------
    signed_in : str
        As the Azure CLI names it, `user` or `servicePrincipal`. azd sets the id of who is signed in, and no
        type.
    """
    wanted = _variable(PRINCIPAL_TYPE)
    if (found := _TYPES.get((wanted or signed_in).lower())) is None:
        raise OpsError(f"{PRINCIPAL_TYPE} is {wanted!r}; expected one of {', '.join(_TYPES.values())}")
    return found


def _variable(variable: str) -> str:
    return os.environ.get(variable, "").strip()
