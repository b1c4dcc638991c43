"""Show the app's last log lines: of a demo's devhost, or of Application Insights for an app in Azure."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.text import Text

from ops.ages import in_words
from ops.app import target
from ops.app.target import Target
from ops.console import console
from ops.errors import OpsError

LOCAL_LOG = Path("demo-output") / "devhost.log"

QUERY = (
    "union traces, exceptions | where timestamp > ago({hours}h) | where cloud_RoleName =~ '{app}' "
    "| top {lines} by timestamp desc | order by timestamp asc "
    "| extend cause = extract(@'Exception: ([^\\n]*)', 1, innermostMessage) "
    "| project timestamp, severityLevel, operation_Name, text = coalesce(cause, innermostMessage, message)"
)
"""Kusto; `cloud_RoleName` is the function app's name. The error a function raised is the second line of the
innermost message (the host's RpcException); the outer ones always say that a function was executed."""

LEVELS = ("verbose", "info", "warning", "error", "critical")
"""Application Insights' severity levels, by number."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--lines", type=int, default=50, help="how many lines at most (%(default)s)")
    parser.add_argument("--hours", type=int, default=24, help="in Azure: how far back (%(default)s)")
    parser.add_argument(
        "--file", type=Path, default=LOCAL_LOG, help="on this machine: devhost's log (%(default)s)"
    )
    target.add_target_arguments(parser)


def run(args: argparse.Namespace) -> None:
    """Print the lines; OpsError when there is no log to read, or a number is below 1."""
    if args.lines < 1 or args.hours < 1:
        raise OpsError(f"--lines is {args.lines} and --hours is {args.hours}; both are 1 or more")
    chosen = target.from_arguments(args)
    out = console()
    lines = in_azure(chosen, args.hours, args.lines) if chosen.in_azure else local(args.file, args.lines)
    for line in lines:
        out.print(Text(line))
    if not chosen.in_azure:
        written = datetime.fromtimestamp(args.file.stat().st_mtime, UTC)
        out.print(Text(f"-- {args.file}, last written {in_words(datetime.now(UTC) - written)} ago"))


def local(file: Path, lines: int) -> list[str]:
    """Return the last lines of a devhost log.

    Raises
    ------
    OpsError
        When there is none: `make start` writes to its terminal.
    """
    if not file.is_file():
        raise OpsError(
            f"there is no {file}: `make demo` writes one, `make start` writes to the terminal it runs in, "
            "and for an app in Azure name it with --app and --resource-group"
        )
    return file.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]


def in_azure(chosen: Target, hours: int, lines: int) -> list[str]:
    """Return the last log lines of an app in Azure, oldest first.

    Raises
    ------
    OpsError
        When its settings name no Application Insights.
    """
    fields = dict(
        part.partition("=")[::2]
        for part in chosen.app_settings.get("APPLICATIONINSIGHTS_CONNECTION_STRING", "").split(";")
    )
    if not (application := fields.get("ApplicationId")):
        raise OpsError(
            f"the app setting APPLICATIONINSIGHTS_CONNECTION_STRING of {chosen.app} names no ApplicationId; "
            "deploy the infrastructure again"
        )
    query = QUERY.format(app=chosen.app, hours=hours, lines=lines)
    answer = chosen.cli.ask(
        "monitor", "app-insights", "query", "--app", application, "--analytics-query", query
    )
    return [_line(row) for table in answer["tables"] for row in table["rows"]]


def _line(row: list[Any]) -> str:
    time, level, function, text = row
    name = LEVELS[level] if isinstance(level, int) and 0 <= level < len(LEVELS) else "exception"
    return f"{time}  {name:<9}  {function or '-'}  {' '.join(str(text or '').split())}"
