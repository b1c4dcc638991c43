"""The app: it answers, and its functions are there as a file needs them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from functions.storage.containers import TELEMETRY
from ops.app import remedies, response
from ops.app.target import Target
from ops.doctor.check import Finding, failure, ok
from ops.errors import OpsError

SCORING = "score_telemetry"
"""The function that a telemetry file triggers."""

EXPECTED = {
    SCORING: "blobTrigger",
    "score_range": "queueTrigger",
    "score_event": "queueTrigger",
    "give_up_file": "queueTrigger",
    "give_up_event": "queueTrigger",
    "give_up_range": "queueTrigger",
    "predict": "httpTrigger",
    "health": "httpTrigger",
}
"""Functions that a file and a request cannot do without."""

RUNNING = "Running"
ADMIN_FUNCTIONS = "/admin/functions"


def check_app(target: Target) -> Finding:
    """Ask for health; also an app that cannot load its model answers, in its own words."""
    if target.in_azure and (state := target.site.get("state", RUNNING)) != RUNNING:
        return failure(
            f"{target.app} is {state}", f"az functionapp start -n {target.app} -g {target.resource_group}"
        )
    answer = response.get(target.http, response.HEALTH)
    if not (answer.is_ok or "code" in answer.document):
        return failure(
            f"GET {response.HEALTH} answered {answer.summary}",
            "read its log (python -m ops logs); after a deployment the host needs a minute",
        )
    return ok(f"{target.url} answers {answer.status}")


def check_functions(target: Target) -> Finding:
    """List the functions the host has indexed."""
    if target.in_azure:
        found = target.ask_about_app("functionapp", "function", "list")
    else:
        answer = target.http.get(ADMIN_FUNCTIONS)
        try:
            found = msgspec.json.decode(answer.content, type=list[dict[str, Any]])
        except msgspec.MsgspecError:
            raise OpsError(
                f"GET {ADMIN_FUNCTIONS} answered {answer.status_code} and no list; is it devhost?"
            ) from None
    return judge(found or [], in_azure=target.in_azure)


def judge(functions: Iterable[Mapping[str, Any]], *, in_azure: bool) -> Finding:
    """Say whether the functions are those a file needs.

    Parameters
    ----------
    functions : iterable of mapping
        Each with ``name`` (in Azure ``<app>/<name>``) and ``config`` with its ``bindings``.
    in_azure : bool
        Whether the trigger has to be Event Grid.
    """
    triggers: dict[str, Mapping[str, Any]] = {}
    for function in functions:
        bindings = (function.get("config") or {}).get("bindings") or []
        found = [each for each in bindings if str(each.get("type", "")).endswith("Trigger")]
        triggers[str(function.get("name", "")).rpartition("/")[2]] = found[0] if found else {}
    wrong = [
        f"{name} is missing"
        if name not in triggers
        else f"{name} has the trigger {triggers[name].get('type')!r}"
        for name, kind in EXPECTED.items()
        if triggers.get(name, {}).get("type") != kind
    ]
    if not wrong:
        scoring = triggers[SCORING]
        if not str(scoring.get("path", "")).startswith(f"{TELEMETRY}/"):
            wrong.append(f"{SCORING} watches {scoring.get('path')!r}, not {TELEMETRY}")
        if in_azure and str(scoring.get("source", "")).lower() != "eventgrid":
            wrong.append(f"{SCORING} has the source {scoring.get('source')!r}, not EventGrid")
    if wrong:
        return failure(
            f"{'; '.join(wrong)} (indexed: {', '.join(sorted(triggers)) or 'none'})",
            f"deploy the code again ({remedies.CODE}); when nothing is indexed, an import fails: "
            "`python -m ops logs` with the same options shows it",
        )
    return ok(f"{len(triggers)} indexed, among them {', '.join(EXPECTED)}")
