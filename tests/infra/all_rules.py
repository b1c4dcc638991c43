"""All rules, collected from tests/infra/rules."""

from __future__ import annotations

import inspect
from collections.abc import Callable

from tests.infra.bicep import Infra
from tests.infra.rules import (
    access,
    alerts,
    app,
    eventgrid,
    form,
    names,
    secrets,
    settings,
    start,
    storage,
    workbook,
)

Rule = Callable[[Infra], list[str]]

MODULES = (access, alerts, app, eventgrid, form, names, secrets, settings, start, storage, workbook)

RULES: dict[str, Rule] = {
    f"{module.__name__.rpartition('.')[2]}.{name}": rule
    for module in MODULES
    for name, rule in vars(module).items()
    if inspect.isfunction(rule) and rule.__module__ == module.__name__ and not name.startswith("_")
    if inspect.signature(rule).return_annotation == "list[str]"
}
