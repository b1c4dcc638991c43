"""The report's section about the model that scored the same rows in the shadow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from functions.html.markup import NOTHING, Markup, join, paragraph
from functions.html.numbers import count, number, share
from functions.scoring.report.page.tables import disagreements_table, levels_pair_table
from functions.scoring.shadow.summary import FAILED

if TYPE_CHECKING:
    from collections.abc import Mapping


def challenger_section(challenger: Mapping[str, Any] | None) -> Markup:
    """Return the section of a summary's `CHALLENGER_FIELDS`; empty without a challenger."""
    if challenger is None:
        return NOTHING
    version = challenger["version"]
    if challenger["status"] == FAILED:
        return paragraph(
            f"Model {version} was to score the same rows and failed ({challenger['reason']}); the answers "
            "above do not depend on it.",
            "warning",
        )
    alarms = challenger["alarms"]
    rows = challenger["rows"]
    sentences = (
        f"Model {version} scored the same {count(rows)} rows. Both alarm (risk {alarms['from']} or worse) on "
        f"{count(alarms['both'])}, the champion alone on {count(alarms['champion_only'])}, the challenger "
        f"alone on {count(alarms['challenger_only'])}; they agree on "
        f"{share(alarms['both'] + alarms['neither'], rows)}. Kappa {number(challenger['kappa'])}, rank "
        f"correlation {number(challenger['rank_correlation'])}."
    )
    levels = levels_pair_table(challenger["risk"]) if rows else NOTHING
    return join([paragraph(sentences), levels, disagreements_table(challenger["drives"])])
