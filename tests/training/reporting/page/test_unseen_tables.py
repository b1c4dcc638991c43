from __future__ import annotations

import re
from typing import Any

from tests.training.small_evaluation_json import evaluation
from training.reporting.card_tables import elsewhere_table, unseen_table
from training.reporting.page.unseen_tables import elsewhere_section


def fleet(how: str) -> dict[str, Any]:
    ranking = {
        "drives": 1000,
        "positives": 40,
        "prevalence": 0.04,
        "average_precision": 0.25,
        "recall_at_fpr": {"0.0002": 0.1, "0.001": 0.2, "0.01": 0.3},
        "at_the_rules_alerts": {"alerts": 90, "failing": 21.5},
    }
    together = {
        **ranking,
        "at_budgets": {"5": {"alerts": 1, "failing": 1.0}, "100": {"alerts": 30, "failing": 12.25}},
        "lead_over_the_rule": {"failing": -1.5, "interval": (-4.0, 2.0)},
    }
    names = ("any_above_zero", "own")
    return {
        "lineage": {"drives": 1200, "first_date": "2013-04-10", "last_date": "2013-08-19"},
        "horizon_days": 30,
        "how": how,
        "known_models": ["ST4000DM000"],
        "candidates": {name: {"ST4000DM000": ranking, "<i>odd</i>": ranking} for name in names},
        "unseen_models": dict.fromkeys(names, together),
    }


def test_unseen_models_are_shown_beside_the_rule_with_prevalence_split_and_horizon() -> None:
    content = evaluation("v2", 3.0) | {"elsewhere": fleet("never trained on")}
    made = elsewhere_section(content)
    assert " 90 alerts" in made
    assert "21.5" in made
    assert "-4.0 to +2.0" in made
    assert made.count("-1.5") == 1, "the rule has no lead over itself"
    for needed in ("prevalence 4.00", "split: another fleet, never trained on", "horizon 30 days"):
        assert needed in made
    assert "ST4000DM000 (known)" in made
    assert "&lt;i&gt;odd" in made


def test_where_no_other_fleet_was_scored_there_is_no_table() -> None:
    assert elsewhere_section(evaluation("v1", 1.0)) == ""


def test_the_card_says_the_same() -> None:
    made = unseen_table(fleet("never trained on"))
    assert "| own | 0.250 | 0.200 | 0.300 | 21.5 | -1.5 | -4.0 to +2.0 |" in made
    assert re.search(r"\b40 of 1,000 drives\b.*\(prevalence 0\.0400\).* 90\b", made)
    assert "| all |" in elsewhere_table(fleet("never trained on"))
    assert "|" not in unseen_table(fleet("never trained on") | {"unseen_models": {}})
