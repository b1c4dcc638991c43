"""Keys: the permissions of a request, as the Functions host decides them.

Off unless one of `SETTINGS` is set, as under ``func start``. A key is taken from the header
``x-functions-key``, or where that is absent from the query's ``code``, in any case; the first of several
counts.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from hmac import compare_digest

from starlette.types import Scope

from devhost.http.target import first_value

FUNCTION_SETTING = "DEVHOST_FUNCTION_KEY"
MASTER_SETTING = "DEVHOST_MASTER_KEY"
SYSTEM_SETTING = "DEVHOST_SYSTEM_KEY"
SETTINGS = (FUNCTION_SETTING, MASTER_SETTING, SYSTEM_SETTING)

HEADER = b"x-functions-key"
PARAMETER = "code"
BLOBS_EXTENSION = "blobs_extension"
"""The name of the system key; the host has one for each extension with a web-hook."""


class Level(Enum):
    """The permissions of a key."""

    ANONYMOUS = "anonymous"
    FUNCTION = "function"
    SYSTEM = "system"
    ADMIN = "admin"


@dataclass(frozen=True)
class Keys:
    """The keys of a run; None: there is none of this kind."""

    function: str | None = None
    master: str | None = None
    system: str | None = None

    @property
    def asked_for(self) -> bool:
        """Whether keys are looked at; without any, every request may do everything."""
        return any((self.function, self.master, self.system))

    def level(self, scope: Scope) -> Level:
        """Return what a request's key opens."""
        if not self.asked_for:
            return Level.ADMIN
        given = _key_of(scope)
        if not given:
            return Level.ANONYMOUS
        for level, key in (
            (Level.ADMIN, self.master),
            (Level.FUNCTION, self.function),
            (Level.SYSTEM, self.system),
        ):
            if key and compare_digest(given.encode(), key.encode()):
                return level
        return Level.ANONYMOUS

    def admits(self, scope: Scope, wanted: Level) -> bool:
        """Say whether a request may start a function: with a key of its very level, or the master's."""
        return wanted is Level.ANONYMOUS or self.level(scope) in (wanted, Level.ADMIN)


def read_keys(environment: Mapping[str, str] | None = None) -> Keys:
    """Read the keys from the environment."""
    source = os.environ if environment is None else environment
    function, master, system = (source.get(name) or None for name in SETTINGS)
    return Keys(function, master, system)


def describe(keys: Keys) -> str:
    """Say which keys are asked for, and what stays shut for want of one."""
    if not keys.asked_for:
        return f"No keys are asked for; {FUNCTION_SETTING}, {MASTER_SETTING} and {SYSTEM_SETTING} set some."
    opens = {
        FUNCTION_SETTING: (keys.function, "function key opens functions"),
        MASTER_SETTING: (keys.master, "master key opens everything"),
        SYSTEM_SETTING: (keys.system, "system key opens the web-hook"),
    }
    missing = [
        f" {name} is not set, so no {what} (export {name}=KEY)."
        for name, (key, what) in opens.items()
        if not key
    ]
    return "Keys are asked for." + "".join(missing)


def level_of(trigger: Mapping[str, object]) -> Level:
    """Return the level of an HTTP trigger; one that names none has a function's, as in the host."""
    try:
        return Level(str(trigger.get("authLevel", "function")).lower())
    except ValueError:
        return Level.FUNCTION


def _key_of(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == HEADER:
            return bytes(value).decode()
    return first_value(scope["query_string"].decode("ascii"), PARAMETER)
