"""The report at the end of a demo, for people."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ops.app.predict_client import Prediction
from ops.demo.fleet import DemoFleet
from ops.outputs.run_summary import RunSummary, SummaryFleet
from ops.outputs.worst_drives import ScoredDrive

WIDTH_WITHOUT_TERMINAL = 130
LEVELS = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "green", "unknown": "dim"}
"""Risk levels, worst first, with their styles."""


@dataclass(frozen=True)
class DemoResult:
    """The results of a demo.

    Parameters
    ----------
    summary : RunSummary
        The app's own account of it.
    seconds : float
        From the start of the upload until the summary was there.
    worst : sequence of ScoredDrive
        By falling probability.
    prediction : Prediction or None
        The HTTP answer for the first of them; None when there was no such drive.
    """

    fleet: DemoFleet
    summary: RunSummary
    seconds: float
    worst: Sequence[ScoredDrive]
    prediction: Prediction | None
    outputs: Sequence[Path]


def console() -> Console:
    """Return a console wide enough for the tables when the output is no terminal."""
    out = Console(highlight=False)
    return out if out.is_terminal else Console(highlight=False, width=WIDTH_WITHOUT_TERMINAL)


def show(out: Console, result: DemoResult) -> None:
    """Print a demo's result."""
    out.print()
    out.print(_headline(result.fleet), style="bold")
    out.print(_counts(result.summary, result.seconds))
    out.print(_levels(result.summary.risk))
    if result.summary.fleet is not None:
        out.print(_fleet(result.summary.fleet))
    if result.worst:
        out.print(_worst(result.worst))
    out.print(_answer(result.prediction))
    out.print()
    out.print("Output files:")
    for path in result.outputs:
        out.print(f"  {path}", soft_wrap=True, markup=False)


def save_picture(path: Path, result: DemoResult) -> None:
    """Save what `show` prints as an SVG picture that fetches nothing, fonts included."""
    recorder = Console(record=True, width=WIDTH_WITHOUT_TERMINAL, file=io.StringIO(), highlight=False)
    show(recorder, result)
    picture = recorder.export_svg(title="make demo", unique_id="demo")
    path.write_text(re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL), encoding="utf-8")


def _headline(fleet: DemoFleet) -> Text:
    kind = "SIMULATED fleet: these drives are made up" if fleet.simulated else "Telemetry as given"
    history = (
        f"; earlier days for history: {', '.join(path.stem for path in fleet.earlier)}"
        if fleet.earlier
        else ""
    )
    return Text(f"{kind} ({fleet.today.name}{history})")


def _counts(summary: RunSummary, seconds: float) -> Text:
    lines = summary.lines
    parts = []
    if lines is not None:
        parts = [f"{lines.data:,} rows in", f"{lines.accepted:,} scored", f"{lines.rejected:,} rejected"]
    if summary.history is not None:
        parts.append(f"{summary.history.rows_with_history:,} with history")
    parts.append(f"{seconds:.2f} s from upload to summary")
    parts.append(f"model {summary.model_version}")
    text = ", ".join(parts)
    if summary.rejects:
        text += "; rejected for " + ", ".join(
            f"{reason} ({count:,})" for reason, count in summary.rejects.items()
        )
    return Text(text)


def _levels(risk: dict[str, int]) -> Table:
    table = Table(title="Drives per risk level", title_justify="left")
    for level, style in LEVELS.items():
        table.add_column(level, justify="right", header_style=style)
    table.add_row(*(f"{risk.get(level, 0):,}" for level in LEVELS))
    return table


def _fleet(fleet: SummaryFleet) -> Text:
    known = ", ".join(f"{count:,} {scope}" for scope, count in fleet.scope.items())
    return Text(f"How well the model knows the drives: {known}\n{fleet.forecast}")


def _worst(drives: Sequence[ScoredDrive]) -> Table:
    table = Table(
        title=f"The {len(drives)} worst drives" if len(drives) > 1 else "The worst drive",
        title_justify="left",
    )
    table.add_column("serial number", no_wrap=True)
    table.add_column("model", no_wrap=True)
    table.add_column("probability", justify="right", no_wrap=True)
    table.add_column("risk", no_wrap=True)
    table.add_column("scope", no_wrap=True)
    table.add_column("first reason")
    for drive in drives:
        table.add_row(
            Text(drive.serial_number),
            Text(drive.model),
            f"{drive.probability:.2%}",
            Text(drive.risk, style=LEVELS.get(drive.risk, "")),
            Text(drive.scope),
            Text(drive.reason),
        )
    return table


def _answer(prediction: Prediction | None) -> Text:
    if prediction is None:
        return Text("No drive could be forecast, so none was sent to POST /api/predict.")
    chance = "no probability" if prediction.probability is None else f"{prediction.probability:.2%}"
    text = Text(f"POST /api/predict for {prediction.serial_number}: {chance}, ")
    text.append(prediction.risk, style=LEVELS.get(prediction.risk, ""))
    text.append(f" (model {prediction.model_version}), as in the scored CSV\n  {prediction.advice}")
    if prediction.basis:
        text.append(f"\n  {prediction.basis}")
    for reason in prediction.reasons[:3]:
        text.append(f"\n  - {reason.sentence}")
    return text
