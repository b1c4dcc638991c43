"""The report of a backtest, for people."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from functions.html.numbers import number

WIDTH_WITHOUT_TERMINAL = 120

SEGMENTS = {
    "all_drives": "all drives, highest row",
    "known_drives": "known drives",
    "unseen_drives": "unseen drives (held out)",
    "last_row_per_drive": "all drives, last row alone",
}
"""Titles of the segments, in the order shown."""


def console() -> Console:
    """Return a console wide enough for the tables when the output is no terminal."""
    out = Console(highlight=False)
    return out if out.is_terminal else Console(highlight=False, width=WIDTH_WITHOUT_TERMINAL)


def caption(document: dict[str, Any]) -> str:
    """Return the line that every figure needs to be read: version, days, horizon, split, prevalence."""
    protocol, drives = document["protocol"], document["all_drives"]["drives"]
    return (
        f"Backtest of {protocol['version']}, {protocol['from']} to {protocol['labelled_until']}, "
        f"horizon {protocol['horizon_days']} days, replayed in order of date: {drives['count']:,} drives, "
        f"{drives['positives']:,} of them failing (prevalence {drives['prevalence']:.2%})"
    )


def show(out: Console, document: dict[str, Any]) -> None:
    """Print a backtest's figures.

    Parameters
    ----------
    document : dict
        Content of backtest.json.
    """
    out.print(caption(document), style="bold")
    out.print(_ranking(document))
    out.print(_decisions(document))
    if len(document["drive_models"]) > 1:
        out.print(_by_model(document))
    rows = document["all_drives"]["rows"]
    out.print(
        f"Drive-days: {rows['count']:,}, {rows['prevalence']:.3%} of them positive; Brier "
        f"{rows['brier']:.5f}, "
        f"ECE {rows['ece']:.5f}"
    )
    for note in document["notes"]:
        out.print(f"note: {note}", style="yellow", markup=False)


def _ranking(document: dict[str, Any]) -> Table:
    table = Table(title="Ranking, one decision per drive")
    for heading in ("", "drives", "failing", "prevalence", "AP", "95 %", "FPR 0.02 %", "0.1 %", "1 %"):
        table.add_column(heading, justify="left" if not heading else "right")
    for name, title in SEGMENTS.items():
        figures = document.get(name)
        if figures is None:
            continue
        drives = figures.get("drives")
        if not isinstance(drives, dict):
            drives = {**figures, "count": drives}
        interval = figures.get("intervals", {}).get("average_precision")
        table.add_row(
            title,
            f"{drives['count']:,}",
            f"{drives['positives']:,}",
            f"{drives['prevalence']:.2%}",
            number(drives["average_precision"]),
            f"{interval[0]:.3f} to {interval[1]:.3f}" if interval else "",
            *(number(recall) for recall in drives["recall_at_fpr"].values()),
        )
    return table


def _decisions(document: dict[str, Any]) -> Table:
    table = Table(title="Alarms at the version's thresholds, by drive")
    headings = ("level", "threshold", "budget", "alerts", "per 10,000 a month", "precision", "recall", "lift")
    for heading in (*headings, "on time", "lead, days"):
        table.add_column(heading, justify="left" if heading == "level" else "right")
    for level, found in document["all_drives"]["decisions"].items():
        table.add_row(
            level,
            f"{found['threshold']:.4g}",
            f"{document['protocol']['budgets'][level]:g}",
            f"{found['alerts']:,}",
            number(found["alerts_per_10000_month"], 1),
            number(found["precision"]),
            number(found["recall"]),
            number(found["lift"], 1),
            number(found["on_time_rate"], 2),
            number(found["median_lead_days"], 0),
        )
    return table


def _by_model(document: dict[str, Any]) -> Table:
    table = Table(title="Drive models with failing drives")
    for heading in ("model", "drives", "failing", "prevalence", "AP", "FPR 0.02 %", "0.1 %", "1 %"):
        table.add_column(heading, justify="left" if heading == "model" else "right")
    for model, found in document["drive_models"].items():
        table.add_row(
            model,
            f"{found['drives']:,}",
            f"{found['positives']:,}",
            f"{found['prevalence']:.2%}",
            number(found["average_precision"]),
            *(number(recall) for recall in found["recall_at_fpr"].values()),
        )
    return table
