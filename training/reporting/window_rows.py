"""The comparison of two versions on windows and families as cells of tables, for terminal, card and page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from functions.html.numbers import interval, number, percent
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
    headings = ["", "drives", "failing", "prevalence", "AP, the rule"]
    for version in versions:
        headings += [f"AP, {version}", "95 %"]
    return headings + (["difference", "95 %"] if len(versions) > 1 else [])


def ranking_cells(part: dict[str, Any]) -> Cells:
    """Return a part's counts, average precision by version, and the paired difference."""
    cells = [
        part["name"],
        number(part["drives"], 0),
        number(part["failing"], 0),
        percent(part["prevalence"]),
        number(part["rule"]),
    ]
    for found in part["versions"].values():
        cells += [number(found["average_precision"]), interval(found["interval"])]
    if len(part["versions"]) > 1:
        difference = part["difference"]
        value = None if difference is None else difference["average_precision"]
        cells += [
            number(None) if value is None else f"{value:+.3f}",
            signed_interval(None if difference is None else difference["interval"]),
        ]
    return cells


def alarm_headings(versions: Sequence[str]) -> Cells:
    """Return the headings of `alarm_cells`."""
    return ["", "failing", *(f"{version}, {level}" for level in LEVELS for version in versions)]


def alarm_cells(part: dict[str, Any]) -> Cells:
    """Return a part's precision, recall and alerts by level and version, as "P .50 R .10 (20)"."""
    cells = [part["name"], number(part["failing"], 0)]
    for level in LEVELS:
        for found in part["versions"].values():
            one = found["levels"][level]
            cells.append(f"P {number(one['precision'], 2)} R {number(one['recall'], 2)} ({one['alerts']:,})")
    return cells


def signed_interval(bounds: Sequence[float] | None) -> str:
    """Return an interval of a difference; empty for none."""
    return "" if bounds is None else f"{bounds[0]:+.3f} to {bounds[1]:+.3f}"


WINDOWS_NOTE = (
    "One decision a drive and window, at natural prevalence. AP is average precision; the rule flags drives "
    "with any of 5, 187, 188, 197, 198 above 0. P is precision, R recall at the thresholds a version would "
    "have been served with, in brackets its alerts. Differences and intervals resample drives, the same for "
    "both versions. A family is a vendor's product line with more than 20 failures in all windows of other "
    "drive models."
)
"""Due beside the tables."""
