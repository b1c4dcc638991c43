"""What the OpenAPI document cannot say of a valid request, for schemathesis: rules between fields.

Only requests that are meant to be valid are touched; those that are meant to be wrong stay wrong.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis import Case, GenerationMode, HookContext

SMARTCTL = json.loads(
    (Path(__file__).parents[2] / "data" / "smartctl" / "wdc-WD20EFRX.json").read_text(encoding="utf-8")
)
FEATURES = 16


def _with_printable_texts(drive: dict[str, Any]) -> None:
    """Leave printable characters alone in texts: no pattern of JSON Schema can say which these are."""
    rows = drive.get("history") or []
    for row in [drive, *(rows if isinstance(rows, list) else [])]:
        for name in ("serial_number", "model"):
            if isinstance(row, dict) and isinstance(row.get(name), str):
                text = row[name].strip()
                row[name] = "".join(one if one.isprintable() else "ż" for one in text)


def _with_earlier_history(drive: dict[str, Any]) -> None:
    """Date the history before the drive's date; serial number and model are the drive's."""
    rows = drive.get("history") or []
    try:
        date = dt.date.fromisoformat(drive["date"])
    except (KeyError, TypeError, ValueError):
        return
    if (date - dt.timedelta(days=len(rows))).year < 2000:
        drive.pop("history", None)
        return
    for age, row in enumerate(rows, start=1):
        if isinstance(row, dict):
            row["date"] = str(date - dt.timedelta(days=age))
            row.pop("serial_number", None)
            row.pop("model", None)


@schemathesis.hook
def filter_query(context: HookContext, query: dict[str, Any] | None) -> bool:
    """Leave empty values out: the host drops them with their names, so the app is never asked so."""
    return not any(value in ("", [""]) for value in (query or {}).values())


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Make a generated request that is to be accepted keep the rules between its fields."""
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    if case.operation.path in {"/predict", "/explain"}:
        if case.media_type == "application/vnd.smartmontools+json":
            case.body = SMARTCTL
        elif case.query:
            case.query.pop("format", None)
        if isinstance(case.body, dict):
            _with_printable_texts(case.body)
            _with_earlier_history(case.body)
    if case.operation.path.endswith("/infer") and isinstance(case.body, dict):
        rows = 2
        tensor: Any = {
            "name": "features",
            "datatype": "FP32",
            "shape": [rows, FEATURES],
            "data": [0.5] * rows * FEATURES,
        }
        case.body = {**case.body, "inputs": [tensor]}
