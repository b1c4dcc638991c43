"""The list of functions printed at the start, and what of the app devhost cannot run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from devhost.app_settings import expand
from devhost.host_config import HostConfig
from devhost.http.admin import route_of
from devhost.runtime import Function

TRIGGERS = {"httpTrigger", "blobTrigger", "queueTrigger", "timerTrigger"}
"""Triggers devhost delivers."""

OTHER_BINDINGS = {"http", "queue", "blob"}
"""Bindings besides the trigger that devhost serves; ``queue`` and ``blob`` as outputs."""


def lines(functions: Iterable[Function], config: HostConfig, base_url: str) -> Iterator[str]:
    """Yield one line per function: name, kind, where it is reached."""
    found = list(functions)
    width = max(len(function.name) for function in found)
    for function in found:
        yield f"  {function.name:<{width}}  {_where(function, config, base_url)}"


def _where(function: Function, config: HostConfig, base_url: str) -> str:
    trigger = function.trigger
    match trigger["type"]:
        case "httpTrigger":
            methods = ",".join(str(method).upper() for method in trigger.get("methods") or ["any method"])
            return f"http   [{methods}] {base_url}{route_of(function, config)}"
        case "blobTrigger":
            note = (
                " (source EventGrid: watched by devhost, too)" if trigger.get("source") == "EventGrid" else ""
            )
            return f"blob   {expand(str(trigger['path']), function.name)}{note}"
        case "queueTrigger":
            return f"queue  {expand(str(trigger['queueName']), function.name)}"
        case "timerTrigger":
            return f"timer  {expand(str(trigger['schedule']), function.name)}"
        case other:
            return f"{other}: not run by devhost"


def find_unsupported(functions: Iterable[Function]) -> Iterator[str]:
    """Yield one sentence per binding devhost does not serve."""
    for function in functions:
        for binding in function.bindings:
            kind, direction = str(binding["type"]), str(binding["direction"]).lower()
            if kind in TRIGGERS or (kind in OTHER_BINDINGS and direction == "out"):
                continue
            yield f"{function.name}: {direction} binding {binding['name']} ({kind}) is not served by devhost"
