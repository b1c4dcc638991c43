"""The report's section about the model that scored the same rows in the shadow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from functions.html.markup import DASH, count, paragraph, share
from functions.scoring.report.page.tables import disagreements_table, levels_pair_table
from functions.scoring.shadow.summary import FAILED

if TYPE_CHECKING:
    from collections.abc import Mapping


def challenger_section(challenger: Mapping[str, Any] | None) -> str:
    """Return the section's content; empty without a challenger.

    Parameters
    ----------
    challenger : mapping or None
        See `functions.scoring.shadow.summary.CHALLENGER_FIELDS`.
    """
    if challenger is None:
        return ""
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
        f"{share(alarms['both'] + alarms['neither'], rows)}. Kappa {_figure(challenger['kappa'])}, rank "
        f"correlation {_figure(challenger['rank_correlation'])}."
    )
    return (
        paragraph(sentences)
        + (levels_pair_table(challenger["risk"]) if rows else "")
        + disagreements_table(challenger["drives"])
    )


def _figure(value: float | None) -> str:
    return DASH if value is None else f"{value:.3f}"
