"""One backtest from telemetry to figures."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.progress import track

from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.history.snapshots import SNAPSHOT_ATTRIBUTES
from functions.scoring.model.manifest import Manifest
from functions.scoring.model.onnx_model import Model
from functions.scoring.model.scorer import Scorer
from training.backtesting.figures import render_figures
from training.backtesting.gather import gather
from training.backtesting.measures import join, measure, workload
from training.backtesting.notes import notes
from training.backtesting.report import caption
from training.backtesting.scored_days import KEPT_DAYS, ScoredDay, scored_days
from training.backtesting.trained_days import trained_days
from training.errors import TelemetrySourceError
from training.metrics.thresholds import BUDGETS
from training.telemetry.sources import source_files

DRAWN_LEVEL = "high"
"""The risk level whose alarms are drawn by day."""


def backtest(
    model: Model,
    paths: list[Path],
    first: dt.date,
    last: dt.date,
    warm_up_days: int = KEPT_DAYS,
    *,
    progress: bool = True,
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Replay a period.

    Parameters
    ----------
    first, last : datetime.date
        The period, both days included.
    warm_up_days : int
        Days before it that are scored for their snapshots only.

    Returns
    -------
    document : dict
        Content of backtest.json.
    figures : dict of str to bytes
        PNG by file name.

    Raises
    ------
    TelemetrySourceError
        There is no telemetry of the period, or nothing is known of what became of its drives.
    """
    scorer = Scorer(model)
    attributes = sorted({*scorer.attributes, *SNAPSHOT_ATTRIBUTES})
    with tempfile.TemporaryDirectory(prefix="backtest-") as folder:
        days_folder = Path(folder, "days")
        days_folder.mkdir()
        spool, outcomes = gather(paths, days_folder, attributes, first, last, warm_up_days, progress=progress)
        labelled = outcomes.label(model.manifest.horizon_days)
        days = track(
            scored_days(CsvEngine(scorer), spool, Path(folder, "history")),
            "scoring days",
            total=len(spool.days),
            console=Console(stderr=True),
            transient=True,
            disable=not progress,
        )
        replayed = [_period_only(day, first) for day in days]
    inside = [day for day in replayed if day.day >= first]
    scored = pl.concat([day.rows for day in inside])
    rows = join(scored, labelled)
    if rows.is_empty():
        failures = [day.failure for day in inside if day.failure]
        raise TelemetrySourceError(
            f"not one drive-day of {first} to {last} was scored and has a known outcome"
            + (f"; the first file failed because: {failures[0]}" if failures else "")
        )
    thresholds = {level: float(getattr(model.manifest.thresholds, level)) for level in BUDGETS}
    trained = trained_days(model)
    document: dict[str, Any] = {
        "protocol": _protocol(model.manifest, first, last, labelled, warm_up_days),
        "sources": source_files(paths),
        "days": {
            "scored": sum(not day.failure for day in inside),
            "warm_up": len(replayed) - len(inside),
            "missing": _missing(first, last, {day.day for day in inside}),
            "failed": {day.day.isoformat(): day.failure for day in inside if day.failure},
            "rejected_lines": sum(day.summary["lines"]["rejected"] for day in inside if day.summary),
        },
        "workload": workload(scored, thresholds),
        **measure(rows, thresholds, trained.held_out),
    }
    document["notes"] = notes(document, trained, first, last)
    return document, render_figures(rows, thresholds, DRAWN_LEVEL, caption(document))


def _period_only(day: ScoredDay, first: dt.date) -> ScoredDay:
    return day if day.day >= first else ScoredDay(day.day, day.rows.clear(), day.summary, day.failure)


def _protocol(
    manifest: Manifest, first: dt.date, last: dt.date, labelled: pl.DataFrame, warm_up_days: int
) -> dict[str, Any]:
    until = labelled["date"].max()
    return {
        "version": manifest.version,
        "from": first.isoformat(),
        "to": last.isoformat(),
        "labelled_until": str(until),
        "horizon_days": manifest.horizon_days,
        "warm_up_days": warm_up_days,
        "split": "a replayed period; nothing is fitted or calibrated on it",
        "decision": "one per drive: the highest probability of its labelled rows; beside it, its last one "
        "alone",
        "prevalence": "natural: no row is sampled",
        "thresholds": "of the manifest",
        "budgets": BUDGETS,
    }


def _missing(first: dt.date, last: dt.date, there: set[dt.date]) -> list[str]:
    wanted = (first + dt.timedelta(days=number) for number in range((last - first).days + 1))
    return [day.isoformat() for day in wanted if day not in there]
