"""The tables of an evaluation's page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from functions.html.markup import NOTHING, Markup, element, join, paragraph, table
from functions.html.numbers import interval, number, percent
from training.reporting.evaluation_file import LEVELS

_SEGMENTS = {
    "all_drives": "All drives",
    "known_drives": "Known drives",
    "unseen_drives": "Unseen drives",
    "known_models": "Drives of known models",
    "unseen_models": "Drives of unseen models",
}


def candidates_table(evaluation: dict[str, Any], order: Sequence[str], caption: str) -> Markup:
    """Show every candidate's ranking and calibration, the version's own marked."""
    headings = (
        "candidate", "average precision", "95 %", "recall at FPR 0.02 %", "at 0.1 %", "at 1 %", "ROC-AUC",
        "AP, unseen drives", "AP, last row only", "AP without history", "row ECE", "row Brier",
    )  # fmt: skip
    rows = []
    for name in order:
        figures = evaluation["candidates"][name]
        drives, by_row = figures["all_drives"]["drives"], figures["all_drives"]["rows"]
        recalls = drives["recall_at_fpr"]
        rows.append(
            (
                figures["title"],
                number(drives["average_precision"]),
                interval(figures["all_drives"].get("intervals", {}).get("average_precision")),
                *(number(recalls.get(rate)) for rate in ("0.0002", "0.001", "0.01")),
                number(drives["roc_auc"]),
                number(figures.get("unseen_drives", {}).get("drives", {}).get("average_precision")),
                number(figures.get("last_row_per_drive", {}).get("average_precision")),
                number(figures.get("without_history", {}).get("average_precision")),
                number(by_row["ece"], 5),
                number(by_row["brier"], 5),
            )
        )
    own = evaluation["candidates"][evaluation["candidate"]]["title"]
    return table(headings, rows, marked=(own,), caption=caption)


def decisions_tables(evaluation: dict[str, Any], caption: str) -> Markup:
    """Show what the thresholds gave, for all drives and for those seen and not seen in training."""
    headings = (
        "risk level", "from probability", "budget", "alerts per 10,000 a month", "alerts", "true", "false",
        "precision", "95 %", "recall", "95 %", "lift", "95 %", "F1", "accuracy", "on time",
        "lead, days", "quartiles",
    )  # fmt: skip
    figures = evaluation["candidates"][evaluation["candidate"]]
    budgets = evaluation["protocol"]["budgets"]
    parts = [
        paragraph(
            "A drive is flagged by its first day at or above a threshold; the thresholds were chosen on the "
            "validation days by alert budget. On time: flagged no earlier than a horizon before the failure."
        )
    ]
    for segment, title in _SEGMENTS.items():
        if segment not in figures:
            continue
        found, ranges = figures[segment]["decisions"], figures[segment].get("intervals", {})
        rows = []
        for level in (level for level in LEVELS if level in found):
            one = found[level]
            rows.append(
                (
                    level,
                    f"{one['threshold']:.4g}",
                    number(budgets.get(level), 0),
                    number(one["alerts_per_10000_month"], 1),
                    number(one["alerts"], 0),
                    number(one["true_positives"], 0),
                    number(one["false_positives"], 0),
                    percent(one["precision"], 1),
                    interval(ranges.get(f"precision_{level}"), 2),
                    percent(one["recall"], 1),
                    interval(ranges.get(f"recall_{level}"), 2),
                    number(one["lift"], 1),
                    interval(ranges.get(f"lift_{level}"), 0),
                    number(one["f1"]),
                    percent(one["accuracy"], 2),
                    percent(one["on_time_rate"], 0),
                    number(one["median_lead_days"], 0),
                    interval(one.get("lead_quartiles_days"), 0),
                )
            )
        drives = figures[segment]["drives"]
        note = caption
        if segment != "all_drives":
            note = (
                f"Prevalence {percent(drives['prevalence'])} ({drives['positives']:,} of "
                f"{drives['count']:,} drives) · " + caption.partition(" · ")[2]
            )
        parts.append(join([element("h3", title), table(headings, rows, caption=note)]))
    return join(parts)


def segments_table(evaluation: dict[str, Any], caption: str) -> Markup:
    """Show the version's ranking and calibration on known and unseen drives, and drive models."""
    headings = ("drives", "count", "failing", "prevalence", "average precision", "95 %",
                "recall at FPR 0.02 %", "95 %", "at 0.1 %", "95 %", "at 1 %", "95 %", "ROC-AUC", "95 %",
                "row ECE", "95 %", "row Brier", "95 %")  # fmt: skip
    figures = evaluation["candidates"][evaluation["candidate"]]
    rows = []
    for segment, title in _SEGMENTS.items():
        if segment not in figures:
            continue
        drives, by_row = figures[segment]["drives"], figures[segment]["rows"]
        ranges = figures[segment].get("intervals", {})
        recalls = [
            (number(drives["recall_at_fpr"].get(rate)), interval(ranges.get(f"recall_at_fpr_{rate}"), 2))
            for rate in ("0.0002", "0.001", "0.01")
        ]
        rows.append(
            (
                title,
                number(drives["count"], 0),
                number(drives["positives"], 0),
                percent(drives["prevalence"]),
                number(drives["average_precision"]),
                interval(ranges.get("average_precision")),
                *(cell for pair in recalls for cell in pair),
                number(drives["roc_auc"]),
                interval(ranges.get("roc_auc")),
                number(by_row["ece"], 5),
                interval(ranges.get("row_ece"), 5),
                number(by_row["brier"], 5),
                interval(ranges.get("row_brier"), 5),
            )
        )
    return table(headings, rows, caption=f"Prevalence in the table · {caption.partition(' · ')[2]}")


def drive_models_table(evaluation: dict[str, Any], caption: str) -> Markup:
    """Show the ranking on every drive model with a failing drive."""
    models = evaluation["candidates"][evaluation["candidate"]].get("drive_models", {})
    if not models:
        return NOTHING
    headings = ("drive model", "trained on", "drives", "failing", "prevalence", "average precision",
                "recall at FPR 0.02 %", "at 0.1 %", "at 1 %", "alerts, high", "precision, high",
                "recall, high")  # fmt: skip
    rows = [
        (
            model,
            "yes" if found.get("seen", True) else "no",
            number(found["drives"], 0),
            number(found["positives"], 0),
            percent(found["prevalence"]),
            number(found["average_precision"]),
            *(number(found["recall_at_fpr"].get(rate)) for rate in ("0.0002", "0.001", "0.01")),
            number(found.get("decisions", {}).get("high", {}).get("alerts"), 0),
            *(
                percent(found.get("decisions", {}).get("high", {}).get(key), 1)
                for key in ("precision", "recall")
            ),
        )
        for model, found in models.items()
    ]
    return table(headings, rows, caption=caption.partition(" · ")[2])


def probes_table(evaluation: dict[str, Any]) -> Markup:
    """Show the leak probes; nothing for a version that was trained before there were any."""
    probes = evaluation.get("probes")
    if not probes:
        return NOTHING
    rows = [
        (
            probe["code"],
            "leak" if probe["fired"] else "passed",
            f"{probe['measured']:.4g}",
            f"{probe['limit']:.4g}",
            probe["explanation"],
        )
        for probe in probes
    ]
    return table(("code", "result", "measured", "limit", "subject"), rows, "wordy")


def parts_table(protocol: dict[str, Any]) -> Markup:
    """Show how many rows and drives every part has, at which prevalence."""
    order = [name for name in ("train", "validation", "test") if name in protocol["parts"]]
    rows = []
    for name in order:
        part = protocol["parts"][name]
        rows.append(
            (
                name,
                number(part["rows"], 0),
                number(part["positive_rows"], 0),
                percent(part["positive_rows"] / max(part["rows"], 1), 3),
                number(part["drives"], 0),
                number(part["failing_drives"], 0),
                percent(part["failing_drives"] / max(part["drives"], 1)),
            )
        )
    return table(
        ("part", "drive-days", "positive", "prevalence by day", "drives", "failing", "prevalence by drive"),
        rows,
    )


def search_table(evaluation: dict[str, Any]) -> Markup:
    """Show every point of the hyperparameter search, the chosen one marked."""
    search = evaluation.get("search")
    if not search:
        return NOTHING
    keys = [key for key in ("leaves", "trees", "rate", "l2", "monotonic") if key in search["chosen"]]
    rows, marked = [], []
    for point in search["table"]:
        name = ", ".join(f"{key} {point[key]}" for key in keys)
        if all(point[key] == search["chosen"][key] for key in keys):
            marked.append(name)
        folds = ", ".join(f"{score:.3f}" for score in point["average_precision"])
        rows.append((name, folds, number(point["mean"])))
    headings = ("setting", "average precision per fold", "mean")
    return join([paragraph(search["rule"]), table(headings, rows, marked=marked)])
