"""The tables of drive models that were not trained on, beside the rule of thumb."""

from __future__ import annotations

from typing import Any

from functions.html.markup import NOTHING, Markup, join, paragraph, table
from functions.html.numbers import number, percent

_RULE = "any_above_zero"


def elsewhere_section(evaluation: dict[str, Any]) -> Markup:
    """Show other fleets' drive models, by candidate; nothing where none was scored.

    Parameters
    ----------
    evaluation : dict
        Content of evaluation.json; ``elsewhere`` is looked at.
    """
    other = evaluation.get("elsewhere")
    return _fleet(other, evaluation) if other else NOTHING


def _fleet(other: dict[str, Any], evaluation: dict[str, Any]) -> Markup:
    names = list(other["candidates"])
    titles = [evaluation["candidates"].get(name, {}).get("title", name) for name in names]
    lineage = other["lineage"]
    horizon = other.get("horizon_days", evaluation["protocol"]["horizon_days"])
    caption = (
        f"{lineage['drives']:,} drives, {lineage['first_date']} to {lineage['last_date']}, prevalence in "
        f"the table · split: another fleet, {other.get('how', 'never trained on')}, every labelled day · "
        f"horizon {horizon} days · one decision per drive"
    )
    found = paragraph(
        "Found: failing drives among as many drives as the rule flags; of drives with equal scores at the "
        "border, their share."
    )
    tables = (show(other, names, titles, caption) for show in (_together, _by_model))
    return join([*tables, found])


def _together(other: dict[str, Any], names: list[str], titles: list[str], caption: str) -> Markup:
    unseen = other.get("unseen_models")
    if not unseen:
        return NOTHING
    budgets = list(unseen[names[0]]["at_budgets"])
    alerts = {budget: unseen[names[0]]["at_budgets"][budget]["alerts"] for budget in budgets}
    counts = unseen[names[0]]
    headings = (
        "candidate",
        "average precision",
        "recall at FPR 0.1 %",
        "at 1 %",
        *(f"found with {alerts[budget]:,} alerts (budget {budget})" for budget in budgets),
        f"found with the rule's {counts['at_the_rules_alerts']['alerts']:,} alerts",
        "more than the rule",
        "95 %",
    )
    rows = []
    for name, title in zip(names, titles, strict=True):
        one = unseen[name]
        lead = one["lead_over_the_rule"]
        rows.append(
            (
                title,
                number(one["average_precision"]),
                *(number(one["recall_at_fpr"].get(rate)) for rate in ("0.001", "0.01")),
                *(number(one["at_budgets"][budget]["failing"], 1) for budget in budgets),
                number(one["at_the_rules_alerts"]["failing"], 1),
                "" if name == _RULE else f"{lead['failing']:+.1f}",
                "" if name == _RULE else f"{lead['interval'][0]:+.1f} to {lead['interval'][1]:+.1f}",
            )
        )
    note = (
        f"All unseen drive models together: prevalence {percent(counts['prevalence'])} "
        f"({counts['positives']:,} of {counts['drives']:,} drives fail) · " + caption.partition(" · ")[2]
    )
    return table(headings, rows, marked=(titles[-1],), caption=note)


def _by_model(other: dict[str, Any], names: list[str], titles: list[str], caption: str) -> Markup:
    known = set(other.get("known_models", ()))
    first = other["candidates"][names[0]]
    rows = [
        (
            f"{model} (known)" if model in known else model,
            number(figures["drives"], 0),
            number(figures["positives"], 0),
            percent(figures["prevalence"]),
            *(number(other["candidates"][name][model]["average_precision"]) for name in names),
            number(figures.get("at_the_rules_alerts", {}).get("alerts"), 0),
            *(
                number(other["candidates"][name][model].get("at_the_rules_alerts", {}).get("failing"), 1)
                for name in names
            ),
        )
        for model, figures in first.items()
    ]
    headings = (
        "drive model",
        "drives",
        "failing",
        "prevalence",
        *(f"AP, {title}" for title in titles),
        "alerts of the rule",
        *(f"found, {title}" for title in titles),
    )
    return table(headings, rows, caption=caption)
