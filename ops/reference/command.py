"""Write docs/reference.md and docs/api.md: settings, endpoints, columns and codes as the code has them."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from ops.errors import OpsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    Row = tuple[str, ...]

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

HEAD = """# Reference

Made from the code by `python -m ops reference`; a test fails when it is out of date. Do not edit.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a page is out of date")


def run(args: argparse.Namespace) -> None:
    """Write the pages, or check them.

    Raises
    ------
    OpsError
        With ``--check``: a page is not what the code says.
    """
    from ops.reference import api

    pages = {DOCS / "reference.md": reference(), DOCS / "api.md": api.page()}
    for path, page in pages.items():
        if not args.check:
            path.write_text(page, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != page:
            msg = f"docs/{path.name} is out of date; run `python -m ops reference` and commit it"
            raise OpsError(msg)


def reference() -> str:
    """Return the whole page, Markdown."""
    from functions.platform_settings import PLATFORM_SETTINGS
    from functions.scoring.csv.rejects import REJECT_CODES
    from functions.scoring.csv.scored_rows import SCORED_COLUMNS
    from functions.scoring.model.risk import ADVICE
    from functions.scoring.online.basis import UNKNOWN_CODES
    from functions.scoring.report.drift import DRIFT_FIELDS
    from functions.scoring.report.scopes import SCOPE_MEANINGS, SIMILAR_UNCALIBRATED
    from functions.scoring.report.summary import FLEET_FIELDS, ROW_FIELDS
    from functions.scoring.shadow.summary import CHALLENGER_FIELDS
    from functions.scoring.smart import ATTRIBUTES
    from functions.scoring.telemetry import EXPECTED, EXPECTED_RAW
    from functions.settings import SETTINGS

    attributes = ATTRIBUTES.values()
    sections: list[tuple[str, Row, Sequence[Row]]] = [
        (
            "Settings",
            ("Setting", "Default", "Meaning"),
            [(f"`{s.name}`", f"`{s.default}`" if s.default else "empty", s.meaning) for s in SETTINGS],
        ),
        (
            "Settings of the platform",
            ("Setting", "Value everywhere", "Meaning"),
            [(f"`{s.name}`", f"`{s.value}`", s.meaning) for s in PLATFORM_SETTINGS],
        ),
        ("Functions", ("Function", "Trigger", "Where", "Access"), _functions()),
        (
            "Telemetry columns",
            ("Column", "Expected"),
            [*((f"`{name}`", text) for name, text in EXPECTED.items()), ("`smart_<id>_raw`", EXPECTED_RAW)],
        ),
        ("Scored CSV", ("Column", "Meaning"), [(f"`{name}`", text) for name, text in SCORED_COLUMNS.items()]),
        ("Rejected lines", ("Code", "Meaning"), [(f"`{code}`", text) for code, text in REJECT_CODES.items()]),
        (
            "Summary: `challenger`",
            ("Field", "Meaning"),
            [(f"`{name}`", text) for name, text in CHALLENGER_FIELDS.items()],
        ),
        (
            "Summary: rows",
            ("Field", "Meaning"),
            [(f"`{name}`", text) for name, text in ROW_FIELDS.items()],
        ),
        (
            "Summary: `fleet`",
            ("Field", "Meaning"),
            [(f"`{name}`", text) for name, text in FLEET_FIELDS.items()],
        ),
        (
            "Summary: `drift`",
            ("Field", "Meaning"),
            [(f"`{name}`", text) for name, text in DRIFT_FIELDS.items()],
        ),
        (
            "Why nothing is known of a drive",
            ("Code", "Meaning"),
            [(f"`{code}`", text) for code, text in UNKNOWN_CODES.items()],
        ),
        (
            "Scopes",
            ("Scope", "Meaning"),
            [
                *((f"`{scope}`", text) for scope, text in SCOPE_MEANINGS.items()),
                ("`similar`, of a model without a calibration", SIMILAR_UNCALIBRATED),
            ],
        ),
        ("Risk levels", ("Level", "What to do"), [(level, text) for level, text in ADVICE.items()]),
        ("Problems", ("Code", "HTTP status", "Title"), _problems()),
        (
            "SMART attributes",
            ("Id", "Name", "Unit", "Raw value", "Raw value of some drives", "Meaning"),
            [(str(a.id), a.name, a.unit, a.packing, _other_packings(a.id), a.meaning) for a in attributes],
        ),
    ]
    return HEAD + "".join(f"\n## {title}\n\n{_table(names, rows)}" for title, names, rows in sections)


def _table(names: Row, rows: Sequence[Row]) -> str:
    lines = [names, ("---",) * len(names), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def _other_packings(attribute: int) -> str:
    """Return how the drives of the table that differ from the default pack an attribute."""
    from functions.scoring.drive_database import layouts

    return ", ".join(sorted({layout[attribute] for layout in layouts() if attribute in layout}))


def _functions() -> list[Row]:
    """Read the bindings Azure will see."""
    from function_app import app

    rows: list[Row] = []
    for function in app.get_functions():
        bindings = json.loads(function.get_function_json())["bindings"]
        (trigger,) = (binding for binding in bindings if binding["type"].endswith("Trigger"))
        if trigger["type"] == "httpTrigger":
            where = f"`{' '.join(trigger.get('methods', ['*']))} /api/{trigger['route']}`"
            access = "function key" if trigger["authLevel"] == "FUNCTION" else "anonymous"
        else:
            source = trigger.get("path") or trigger.get("queueName") or trigger["schedule"]
            where, access = f"`{source}`", "storage" if "connection" in trigger else "host"
        rows.append((f"`{function.get_function_name()}`", trigger["type"], where, access))
    return rows


def _problems() -> list[Row]:
    """List every error class of the deployed app."""
    import functions.http.errors
    import functions.storage.errors  # noqa: F401  registers its classes
    from functions.errors import DrivecastError

    found: dict[str, Row] = {}

    def collect(kind: type[DrivecastError]) -> None:
        if kind.__module__.startswith("functions."):
            found[kind.code] = (f"`{kind.code}`", str(kind.status), kind.title)
        for child in kind.__subclasses__():
            collect(child)

    collect(DrivecastError)
    return [found[code] for code in sorted(found)]
