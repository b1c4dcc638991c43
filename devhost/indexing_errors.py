"""Why an app cannot be indexed: in one sentence, with the function it is about.

The Functions host says "0 functions loaded" then, and answers every path 404. What it checks beyond the
worker (WorkerFunctionMetadataProvider) leaves a function out without a word; here it ends the run as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from devhost.errors import DevhostError

_FUNCTION_NAME = re.compile(r"(?!host$)[a-z][a-z0-9_-]{0,127}", re.IGNORECASE | re.ASCII)
_BINDING_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9]{0,127}|\$return")
_LOAD_ERROR = re.compile(r"cannot load the (?P<name>\S+) function: (?P<reason>.*)")


def explain(error: BaseException, script: Path, app: Path) -> str:
    """Say what is wrong, where, and that the host would have no function at all.

    *app* is the app's folder; the deepest line in it is named.
    """
    reason = " ".join(str(error).split(" Please check the requirements.txt")[0].split()).rstrip(".")
    loading = _LOAD_ERROR.match(reason)
    if loading:
        return f"{script.name}: function {loading['name']}: {loading['reason']}; {_SO}"
    name = _function_of(error)
    whose = f": function {name}" if name else ""
    return f"{script.name}{_line_of(error, app)}{whose}: {type(error).__name__}: {reason}; {_SO}"


_SO = "the Functions host would load none of the app's functions"


def check_function(name: str, bindings: Sequence[Mapping[str, Any]]) -> None:
    """Check what the host checks of a function the worker has indexed.

    Raises
    ------
    DevhostError
        If it would leave the function out.
    """
    if _FUNCTION_NAME.fullmatch(name) is None:
        raise DevhostError(
            f"function {name}: not a name the Functions host takes: expected a letter, then letters, digits, "
            "_ and -, 128 in all, and not host"
        )
    seen: set[str] = set()
    for binding in bindings:
        called = str(binding["name"])
        if _BINDING_NAME.fullmatch(called) is None:
            raise DevhostError(
                f"function {name}: the Functions host takes no binding called {called!r}: "
                "expected a letter, then letters and digits"
            )
        if called.lower() in seen:
            raise DevhostError(f"function {name}: two bindings are called {called!r}; name each its own way")
        seen.add(called.lower())


def check_names(names: Iterable[str]) -> None:
    """Check that no two functions have one name, whatever its case; DevhostError if two do."""
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(name.lower(), name)
        if other is not name:
            raise DevhostError(f"function {name}: there is a function {other}, too; name each its own way")


def _function_of(error: BaseException) -> str | None:
    """Find the function the library was at: its frames hold it."""
    found = None
    trace = error.__traceback__
    while trace is not None:
        for value in trace.tb_frame.f_locals.values():
            naming = getattr(type(value), "get_function_name", None)
            if naming is not None:
                found = str(naming(value))
        trace = trace.tb_next
    return found


def _line_of(error: BaseException, app: Path) -> str:
    """Name the deepest line of the app's own code an import failed at."""
    found = ""
    trace = error.__traceback__
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.is_relative_to(app) and ".venv" not in path.parts and "devhost" not in path.parts:
            found = f" (at {path.relative_to(app)}:{trace.tb_lineno})"
        trace = trace.tb_next
    return found
