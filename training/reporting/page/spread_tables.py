"""The tables of how far the figures of the forward test move: with the seed, and with the horizon."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from functions.html.markup import NOTHING, Markup, join, paragraph, table
from functions.html.numbers import number, percent

_SHOWN = (
    ("average_precision", "average precision", 3),
    ("recall_at_fpr_0.0002", "recall at FPR 0.02 %", 3),
    ("recall_at_fpr_0.001", "at 0.1 %", 3),
    ("recall_at_fpr_0.01", "at 1 %", 3),
    ("roc_auc", "ROC-AUC", 3),
    ("precision_high", "precision, high", 3),
    ("recall_high", "recall, high", 3),
    ("row_brier", "row Brier", 5),
    ("row_ece", "row ECE", 5),
)


def seeds_table(evaluation: dict[str, Any], order: Sequence[str], caption: str) -> Markup:
    """Show mean and range of every candidate's figures over the seeds; nothing where there was one only."""
    spreads = {name: evaluation["candidates"][name].get("over_seeds") for name in order}
    own = spreads.get(evaluation["candidate"])
    if not own or len(own["seeds"]) == 1:
        return NOTHING
    rows = [
        (
            evaluation["candidates"][name]["title"],
            *(_range(spread.get(figure), digits) for figure, _, digits in _SHOWN),
        )
        for name, spread in spreads.items()
        if spread
    ]
    seeds = ", ".join(map(str, own["seeds"]))
    note = (
        f"Mean over the seeds {seeds}, and the lowest and highest: which rows are drawn, what is hidden from "
        "them and how members are fitted changes; days and held-out drives do not. Every other figure of "
        "this page is of the first seed."
    )
    title = evaluation["candidates"][evaluation["candidate"]]["title"]
    headings = ("candidate", *(heading for _, heading, _ in _SHOWN))
    return join([paragraph(note), table(headings, rows, marked=(title,), caption=caption)])


def horizons_table(evaluation: dict[str, Any], caption: str) -> Markup:
    """Show how well the same probabilities rank drives that fail sooner; nothing where it was not asked."""
    figures = evaluation["candidates"][evaluation["candidate"]]
    shorter = figures.get("shorter_horizons")
    if not shorter:
        return NOTHING
    drives = figures["all_drives"]["drives"]
    own = {**drives, "drives": drives["count"]}
    rows = [
        (
            f"{days} days",
            number(one["drives"], 0),
            number(one["positives"], 0),
            percent(one["prevalence"]),
            number(one["average_precision"]),
            *(number(one["recall_at_fpr"].get(rate)) for rate in ("0.0002", "0.001", "0.01")),
        )
        for days, one in {**shorter, str(evaluation["protocol"]["horizon_days"]): own}.items()
    ]
    headings = ("fails within", "drives", "failing", "prevalence", "average precision",
                "recall at FPR 0.02 %", "at 0.1 %", "at 1 %")  # fmt: skip
    split = caption.split(" · ")[1]
    measured_on = f"Prevalence and horizon in the table · {split} · one decision per drive"
    return table(headings, rows, caption=measured_on)


def _range(spread: dict[str, Any] | None, digits: int) -> str:
    if not spread or spread["mean"] is None:
        return number(None)
    mean, low, high = (f"{spread[key]:.{digits}f}" for key in ("mean", "min", "max"))
    return f"{mean} ({low} to {high})"
