"""Functions started by hand, through ``POST /admin/functions/NAME``."""

from __future__ import annotations

import json
import logging

from devhost.invocations import Invoker
from devhost.runtime import Function, JsonInput, Value

log = logging.getLogger("Host.Startup")

_TIMER = {"Schedule": {"AdjustForDST": True}, "ScheduleStatus": None, "IsPastDue": False}


def run_by_hand(invoker: Invoker, function: Function, text: str) -> None:
    """Run a queue or timer function, with a text for its message; another one's failure is logged."""
    value: Value
    match function.trigger["type"]:
        case "queueTrigger":
            value = text
        case "timerTrigger":
            value = JsonInput(json.dumps(_TIMER))
        case other:
            log.error("%s: a %s cannot be made of the input of /admin/functions", function.name, other)
            return
    reason = "called through /admin/functions"
    invoker.run(function, reason, {str(function.trigger["name"]): value}, {})
