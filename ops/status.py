"""Show the model that answers, the state of the newest files, and the number of those given up."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ops.ages import in_words
from ops.app import response, target
from ops.app.target import Target
from ops.console import console, plain
from ops.errors import OpsError
from ops.outputs import telemetry_files
from ops.outputs.run_summary import RunSummary
from ops.poison.records import GivenUpFiles

NEWEST = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    target.add_target_arguments(parser)


def run(args: argparse.Namespace) -> None:
    """Print the status; an app that does not answer is a part of it.

    Raises
    ------
    OpsError
        When the app does not answer, or not as one that can score.
    """
    chosen = target.from_arguments(args)
    out = console()
    trouble = _app(out, chosen)
    if chosen.has_storage:
        _files(out, chosen)
    else:
        out.print("Files: not looked at; name the storage account with --account")
    if trouble:
        raise OpsError(trouble)


def _app(out: Console, chosen: Target) -> str:
    """Print a line about the app; return what is wrong with it, or nothing."""
    try:
        answer = response.get(chosen.http, response.HEALTH)
    except OpsError as error:
        out.print(Text(f"App {chosen.url}: no answer"))
        return str(error)
    version = answer.document.get("model_version", "?")
    out.print(Text(f"App {chosen.url}: {f'answers, model {version}' if answer.is_ok else answer.summary}"))
    return "" if answer.is_ok else f"GET {response.HEALTH} answered {answer.summary}"


def _files(out: Console, chosen: Target) -> None:
    files = telemetry_files.newest(chosen.blobs, NEWEST)
    given_up = GivenUpFiles(chosen.blobs)
    if files:
        table = Table(title="Newest telemetry files", title_justify="left")
        for name in ("file", "uploaded", "state", "lines in", "scored", "rejected", "model"):
            table.add_column(name, overflow="fold")
        now, reasons = datetime.now(UTC), []
        for file in files:
            summary = telemetry_files.summary_of(chosen.blobs, file)
            state = telemetry_files.progress(summary, given_up=given_up.has(file.name, file.etag))
            cells = (file.name, f"{in_words(now - file.uploaded)} ago", state, *_numbers(summary))
            table.add_row(*map(plain, cells))
            if summary is not None and summary.error is not None:
                reasons.append(plain(f"{file.name} {state}: {summary.error.detail}"))
        out.print(table)
        for reason in reasons:
            out.print(reason)
    else:
        out.print("Files: none in the container telemetry yet")
    hint = "; see: python -m ops poison list" if given_up else ""
    out.print(f"Given up after too many tries: {len(given_up)}{hint}")


def _numbers(summary: RunSummary | None) -> tuple[str, str, str, str]:
    if summary is None:
        return "", "", "", ""
    version = summary.model_version or ""
    if summary.lines is None:
        return "", "", "", version
    lines = summary.lines
    return f"{lines.data:,}", f"{lines.accepted:,}", f"{lines.rejected:,}", version
