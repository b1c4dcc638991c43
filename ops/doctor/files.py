"""The files themselves: the state of the newest, and the number of those given up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ops.ages import in_words
from ops.app.target import Target
from ops.doctor.check import Finding, failure, ok
from ops.outputs import telemetry_files
from ops.outputs.run_summary import RunSummary
from ops.poison.records import GivenUpFiles, waiting

UNDER_WAY = timedelta(minutes=10)
"""Age from which a file without summary is called overdue: a cold start, a retried delivery, and scoring."""


def check_last_file(target: Target) -> Finding:
    """Look for the summary of the newest telemetry file."""
    newest = telemetry_files.newest(target.blobs, 1)
    if not newest:
        return ok("no file yet")
    file = newest[0]
    uploaded = f"{file.name}, uploaded {in_words(age := datetime.now(UTC) - file.uploaded)} ago"
    summary = telemetry_files.summary_of(target.blobs, file)
    match telemetry_files.progress(summary):
        case "scored":
            return ok(f"{uploaded}, is scored")
        case "refused":
            return ok(f"{uploaded}, arrived and was refused: {_reason(summary)}")
        case "failed":
            return failure(
                f"{uploaded}, could not be scored: {_reason(summary)}",
                "remove the cause; after ten minutes of tries the file is given up, and waits for "
                "`python -m ops poison replay`",
            )
        case _ if age < UNDER_WAY:
            return ok(f"{uploaded}, is under way")
        case _:
            return failure(
                f"{uploaded}, has no summary",
                "see the checks above and `python -m ops poison list`; then upload it again",
            )


def _reason(summary: RunSummary | None) -> str:
    return summary.error.detail if summary and summary.error else "no reason given"


def check_poison(target: Target) -> Finding:
    """Count the files that were given up, and the messages that the app cannot give up."""
    if count := len(GivenUpFiles(target.blobs)):
        return failure(
            f"files that were tried too often: {count}",
            "`python -m ops poison list` names them, the log says why; when the cause is gone: "
            "`python -m ops poison replay`",
        )
    if count := waiting(target.queues):
        return failure(
            f"messages in the poison queues: {count}; the app takes those it can read within ten minutes",
            "look again in ten minutes; then the log says why (python -m ops logs), and `az storage message "
            "clear --queue-name QUEUE` removes messages that are not base64 and so none of the app's",
        )
    return ok("no file was given up")
