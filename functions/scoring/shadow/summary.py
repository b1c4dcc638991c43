"""The comparison with the challenger, as the summary of a file tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from functions.scoring.model.risk import LEVELS
from functions.scoring.shadow.rank_correlation import rank_correlation
from functions.scoring.shadow.tally import ALARM, SHOWN, Disagreement, ShadowTally, raises_alarm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

COMPARED, FAILED = "compared", "failed"
"""Values of `status`."""

CHALLENGER_FIELDS = {
    "version": "The challenger's version.",
    "status": "`compared`; or `failed` when the challenger could not score a block, with `reason` alone.",
    "reason": "Kind of error the challenger failed with; null otherwise.",
    "rows": "Rows both models scored.",
    "agreement": f"Share of rows on the same side of the alarm, risk {ALARM} or worse; null without rows.",
    "kappa": "Agreement beyond chance (Cohen): 1 for the same alarms, 0 for chance; null when both always or "
    "both never alarm.",
    "rank_correlation": "Spearman's, of the log-odds in bins of 1/16, over rows of which neither model says "
    "unknown; null when a model ranks none above another.",
    "alarms": "Rows by alarm: of `both`, `champion_only`, `challenger_only`, `neither`; `from` is the level.",
    "risk": "Rows by the champion's level, then by the challenger's.",
    "drives": f"Up to {SHOWN} rows that the champion alone would alarm on and up to {SHOWN} of the "
    "challenger's, where neither says unknown; each by difference in log-odds, then by serial number and "
    "model.",
}
"""Fields of a summary's `challenger`, with their meaning."""


def shadow_summary(tally: ShadowTally) -> dict[str, Any]:
    """Return the summary's `challenger`, given the tally of the whole file; see `CHALLENGER_FIELDS`."""
    if tally.failure is not None:
        return {"version": tally.version, "status": FAILED, "reason": tally.failure[1]}
    table = np.zeros((len(LEVELS), len(LEVELS)), dtype=np.int64)
    for pair, count in tally.risk.items():
        table[divmod(pair, len(LEVELS))] = count
    alarms = _alarms(table)
    return {
        "version": tally.version,
        "status": COMPARED,
        "reason": None,
        "rows": tally.rows,
        "agreement": _round(_agreement(alarms)),
        "kappa": _round(_kappa(alarms)),
        "rank_correlation": _round(rank_correlation(tally.bins)),
        "alarms": {"from": ALARM, **alarms},
        "risk": {
            level: dict(zip(LEVELS, counts, strict=True))
            for level, counts in zip(LEVELS, table.tolist(), strict=True)
        },
        "drives": [
            *(_to_json("champion", row) for row in tally.champion_only),
            *(_to_json("challenger", row) for row in tally.challenger_only),
        ],
    }


def _alarms(table: NDArray[np.int64]) -> dict[str, int]:
    """Count rows by who would alarm, given those by the champion's level and the challenger's."""
    alarm = raises_alarm(np.arange(len(LEVELS), dtype=np.int8))
    return {
        "both": int(table[np.ix_(alarm, alarm)].sum()),
        "champion_only": int(table[np.ix_(alarm, ~alarm)].sum()),
        "challenger_only": int(table[np.ix_(~alarm, alarm)].sum()),
        "neither": int(table[np.ix_(~alarm, ~alarm)].sum()),
    }


def _agreement(alarms: Mapping[str, int]) -> float | None:
    rows = sum(alarms.values())
    return (alarms["both"] + alarms["neither"]) / rows if rows else None


def _kappa(alarms: Mapping[str, int]) -> float | None:
    both, ours, theirs, neither = alarms.values()
    rows = sum(alarms.values())
    # Times the rows squared, so that the counts stay whole: expected agreement from the margins.
    chance = (both + ours) * (both + theirs) + (neither + ours) * (neither + theirs)
    return ((both + neither) * rows - chance) / (rows * rows - chance) if rows * rows != chance else None


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _to_json(alarm: str, row: Disagreement) -> dict[str, Any]:
    return {
        "alarm": alarm,
        "serial_number": row.serial_number,
        "model": row.model,
        "date": row.date,
        "line": row.line,
        "champion": {"probability": row.champion_probability, "risk": row.champion_risk},
        "challenger": {"probability": row.challenger_probability, "risk": row.challenger_risk},
    }
