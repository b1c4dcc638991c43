"""The comparison of two versions on windows and families as cells of tables, for terminal, card and page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from functions.html.numbers import number, percent
from training.metrics.window_scores import Decisions, WindowScores, part_figures
from training.reporting.evaluation_file import LEVELS, Evaluated

Cells = list[str]


def parts_of(first: Evaluated, second: Evaluated) -> list[dict[str, Any]]:
    """Return the figures of two versions on every window and family, the second's difference from the first.

    They were written when either was trained beside the other; else they are taken from the scores that both
    keep of the same windows.

    Returns
    -------
    list of dict
        As `training.metrics.window_scores.part_figures` returns them, with ``kind`` and ``name``; empty where
        the versions were not scored on the same windows.
    """
    record = second.evaluation.get("windows") or {}
    if record.get("previous") == first.version:
        return list(record["parts"])
    scores = [WindowScores.read(version.folder) for version in (first, second)]
    pairs: list[tuple[WindowScores, list[Decisions]]] = []
    for one, other in ((scores[0], second), (scores[1], first)):
        if one is not None and one.previous is not None and one.previous.version == other.version:
            pairs.append((one, [one.own, one.previous]))
    if scores[0] is not None and scores[1] is not None and scores[0].digest == scores[1].digest:
        pairs.append((scores[1], [scores[0].own, scores[1].own]))
    if not pairs:
        return []
    chosen, sides = pairs[0]
    return [
        {"kind": kind, "name": name, **part_figures(chosen, rows, sides)}
        for kind, name, rows in chosen.parts()
    ]


def ranking_headings(versions: Sequence[str]) -> Cells:
    """Return the headings of `ranking_cells`."""
    headings = [
        "",
        "drives",
        "failing",
        "prevalence",
        "AP, rule",
        *(f"AP, {name} (95 %)" for name in versions),
    ]
    return headings + (["difference (95 %)"] if len(versions) > 1 else [])


def ranking_cells(part: dict[str, Any]) -> Cells:
    """Return a part's counts, average precision by version, and the paired difference."""
    cells = [
        part["name"],
        number(part["drives"], 0),
        number(part["failing"], 0),
        percent(part["prevalence"]),
        number(part["rule"]),
    ]
    cells += [
        _with(found["average_precision"], found["interval"], ".3f") for found in part["versions"].values()
    ]
    if len(part["versions"]) > 1:
        difference = part["difference"] or {"average_precision": None, "interval": None}
        cells.append(_with(difference["average_precision"], difference["interval"], "+.3f"))
    return cells


def _with(value: float | None, bounds: Sequence[float] | None, form: str) -> str:
    """Return a figure with its interval, such as "0.211 (0.140 to 0.290)"; a dash for none."""
    if value is None or bounds is None:
        return number(value)
    return f"{value:{form}} ({bounds[0]:{form}} to {bounds[1]:{form}})"


def alarm_headings(versions: Sequence[str]) -> Cells:
    """Return the headings of `alarm_cells`."""
    return ["", "failing", *(f"{level}, {version}" for level in LEVELS for version in versions)]


def alarm_cells(part: dict[str, Any]) -> Cells:
    """Return a part's precision, recall and alerts by level and version, as "P .50 R .10 (20)"."""
    cells = [part["name"], number(part["failing"], 0)]
    for level in LEVELS:
        for found in part["versions"].values():
            one = found["levels"][level]
            cells.append(f"P {number(one['precision'], 2)} R {number(one['recall'], 2)} ({one['alerts']:,})")
    return cells


WINDOWS_NOTE = (
    "One decision a drive and window, at natural prevalence. AP is average precision; the rule flags drives "
    "with any of 5, 187, 188, 197, 198 above 0. P is precision, R recall at the thresholds a version would "
    "have been served with, in brackets its alerts. Differences and intervals resample drives, the same for "
    "both versions. A family is a vendor's product line with more than 20 failures in all windows of other "
    "drive models."
)
"""Due beside the tables."""
