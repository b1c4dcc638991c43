"""The tables of ``card.md``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from functions.scoring.model.manifest import Thresholds

_NONE = "-"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _number(value: float | None, digits: int = 3) -> str:
    return _NONE if value is None else f"{value:.{digits}f}"


def candidates_table(evaluation: dict[str, Any]) -> str:
    """Return every candidate's figures on the test period.

    Parameters
    ----------
    evaluation : dict
        Content of evaluation.json.
    """
    head = ["candidate", "AP", "95 %", "recall at FPR 0.02 %", "0.1 %", "1 %", "ROC-AUC", "AP, unseen drives"]
    head += ["AP, no history", "AP, last row", "row ECE", "row Brier"]
    rows = []
    for figures in evaluation["candidates"].values():
        everything = figures["all_drives"]
        drives, interval = everything["drives"], everything["intervals"].get("average_precision")
        unseen = figures.get("unseen_drives", {}).get("drives", {})
        rows.append(
            [
                figures["title"],
                _number(drives["average_precision"]),
                f"{interval[0]:.3f} to {interval[1]:.3f}" if interval else _NONE,
                *(_number(recall) for recall in drives["recall_at_fpr"].values()),
                _number(drives["roc_auc"]),
                _number(unseen.get("average_precision")),
                _number(figures["without_history"]["average_precision"]),
                _number(figures["last_row_per_drive"]["average_precision"]),
                _number(everything["rows"]["ece"], 5),
                _number(everything["rows"]["brier"], 5),
            ]
        )
    drives = evaluation["candidates"][evaluation["candidate"]]["all_drives"]["drives"]
    note = (
        f"AP is average precision per drive; its chance level is the prevalence, {drives['prevalence']:.4f}. "
        '"Last row" decides by each drive\'s last row in the period instead of its highest probability; '
        '"no history" hides the earlier values.'
    )
    return f"{_table(head, rows)}\n\n{note}"


def decisions_table(evaluation: dict[str, Any]) -> str:
    """Return the version's decisions at the thresholds that validation gave."""
    head = [
        "level",
        "threshold",
        "alerts per 10,000 a month",
        "precision",
        "recall",
        "F1",
        "accuracy",
        "lift",
    ]
    head += ["on time", "median lead, days"]
    own = evaluation["candidates"][evaluation["candidate"]]["all_drives"]
    rows = [
        [
            level,
            f"{found['threshold']:.4g}",
            _number(found["alerts_per_10000_month"], 1),
            *(_number(found[key]) for key in ("precision", "recall", "f1", "accuracy")),
            _number(found["lift"], 1),
            _number(found["on_time_rate"], 2),
            _number(found["median_lead_days"], 0),
        ]
        for level, found in own["decisions"].items()
    ]
    drives, horizon = own["drives"], evaluation["protocol"]["horizon_days"]
    note = (
        f"One decision per drive on the test period, {horizon} days ahead, prevalence "
        f'{drives["prevalence"]:.4f}. "On time" is the share of right alarms that came 1 to {horizon} '
        f"days before the failure; the others came earlier."
    )
    return f"{_table(head, rows)}\n\n{note}"


def thresholds_table(thresholds: Thresholds) -> str:
    """Return where the shipped version's risk levels start."""
    budgets = thresholds.alerts_per_10000_a_month
    return _table(
        ["level", "from probability", "drives of 10,000 a month when it was chosen"],
        [
            [level, f"{getattr(thresholds, level):.4g}", _number(budgets.get(level), 1)]
            for level in ("medium", "high", "critical")
        ],
    )


def seeds_table(evaluation: dict[str, Any]) -> list[str]:
    """Return mean and range over the seeds, with a sentence; nothing when there was one seed."""
    spreads = {name: one.get("over_seeds") for name, one in evaluation["candidates"].items()}
    own = spreads[evaluation["candidate"]]
    if not own or len(own["seeds"]) == 1:
        return []
    shown = ("average_precision", "recall_at_fpr_0.0002", "recall_at_fpr_0.001", "recall_at_fpr_0.01")
    rows = [
        [evaluation["candidates"][name]["title"], *(_spread(spread[figure]) for figure in shown)]
        for name, spread in spreads.items()
        if spread
    ]
    head = ["candidate", "AP", "recall at FPR 0.02 %", "0.1 %", "1 %"]
    note = (
        f"Mean (lowest to highest) over the seeds {', '.join(map(str, own['seeds']))} of sampling and "
        "fitting, on the same days and drives; the figures above are of the first."
    )
    return [f"{_table(head, rows)}\n\n{note}"]


def _spread(spread: dict[str, Any]) -> str:
    mean, low, high = (_number(spread[key]) for key in ("mean", "min", "max"))
    return f"{mean} ({low} to {high})"


def unseen_table(elsewhere: dict[str, Any]) -> str:
    """Return the figures on all unseen drive models of another fleet together."""
    unseen = elsewhere["unseen_models"]
    if not unseen:
        return "No drive model of it that is not trained on has a failing drive."
    head = ["candidate", "AP", "recall at FPR 0.1 %", "1 %", "found", "more than the rule", "95 %"]
    rows = []
    for name, one in unseen.items():
        lead = one["lead_over_the_rule"]
        rows.append(
            [
                name,
                _number(one["average_precision"]),
                *(_number(one["recall_at_fpr"][rate]) for rate in ("0.001", "0.01")),
                _number(one["at_the_rules_alerts"]["failing"], 1),
                f"{lead['failing']:+.1f}",
                f"{lead['interval'][0]:+.1f} to {lead['interval'][1]:+.1f}",
            ]
        )
    first = next(iter(unseen.values()))
    note = (
        f"All unseen drive models together: {first['positives']:,} of {first['drives']:,} drives fail "
        f"(prevalence {first['prevalence']:.4f}); the rule flags {first['at_the_rules_alerts']['alerts']:,}."
    )
    return f"{_table(head, rows)}\n\n{note}"


def elsewhere_table(elsewhere: dict[str, Any]) -> str:
    """Return the figures on drive models that were not trained on.

    Parameters
    ----------
    elsewhere : dict
        Of `training.selection.other_fleets.evaluate_elsewhere`.
    """
    by_candidate = elsewhere["candidates"]
    names = list(by_candidate)
    head = ["drive model", "drives", "failing", "prevalence"]
    head += [f"AP, {name}" for name in names] + [f"found, {name}" for name in names]
    rows, totals = [], dict.fromkeys(names, 0.0)
    for model, counts in by_candidate[names[0]].items():
        found = {name: by_candidate[name][model]["at_the_rules_alerts"]["failing"] for name in names}
        totals = {name: totals[name] + found[name] for name in names}
        rows.append(
            [
                model,
                f"{counts['drives']:,}",
                str(counts["positives"]),
                f"{counts['prevalence']:.4f}",
                *(_number(by_candidate[name][model]["average_precision"]) for name in names),
                *(_number(found[name], 1) for name in names),
            ]
        )
    rows.append(["all", "", "", "", *[""] * len(names), *(_number(totals[name], 1) for name in names)])
    return _table(head, rows)


def search_table(search: dict[str, Any] | None) -> str:
    """Return the points that were searched; a sentence when there was no search."""
    if search is None:
        return "They were not searched: the settings are the defaults."
    rows = [
        [
            f"{point['leaves']}{' (chosen)' if search['chosen'].items() <= point.items() else ''}",
            str(point["trees"]),
            f"{point['rate']:g}",
            f"{point['l2']:g}",
            ", ".join(_number(score) for score in point["average_precision"]),
            _number(point["mean"]),
        ]
        for point in search["table"]
    ]
    head = ["leaves", "trees", "learning rate", "l2", "AP per fold", "mean"]
    return f"{search['rule']}\n\n{_table(head, rows)}"
