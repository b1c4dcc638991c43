"""The sections of ``card.md`` about scopes, their quality, and the windows versions are compared on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from functions.html.numbers import interval, number, percent
from training.reporting.evaluation_file import LEVELS
from training.reporting.window_rows import (
    WINDOWS_NOTE,
    alarm_cells,
    alarm_headings,
    ranking_cells,
    ranking_headings,
)

SCOPES = {"trained": "Drives of the models it was trained on", "similar": "Drives of other models"}
"""The scopes that have figures, in the order shown."""

LEVEL_HEADINGS = (
    "level",
    "from probability",
    "precision",
    "95 %",
    "recall",
    "95 %",
    "standing, of 10,000",
    "new in a month, of 10,000",
)

BAND_HEADINGS = (
    "probability from",
    "to",
    "drive-days",
    "failures expected",
    "observed",
    "observed/expected",
    "95 %",
)

_STANDING = "Standing drives are at the level on the first day of a month, new ones reach it within it."

_TOGETHER = (
    "The last row are the bands from 0.01 on together. The calibration was fitted on these scores; for days "
    "it does not know, see the windows."
)


def level_rows(quality: dict[str, Any]) -> list[list[str]]:
    """Return the cells of a scope's alarms by level.

    Parameters
    ----------
    quality : dict
        A `functions.scoring.model.quality.ScopeQuality` as JSON has it.
    """
    return [
        [
            level,
            f"{found['threshold']:.4g}",
            number(found["precision"]),
            interval(found["precision_95"]),
            number(found["recall"]),
            interval(found["recall_95"]),
            number(found["standing_per_10000"], 1),
            number(found["new_per_10000"], 1),
        ]
        for level in LEVELS
        if (found := quality["levels"].get(level))
    ]


def band_rows(bands: Sequence[dict[str, Any]], above: dict[str, Any]) -> list[list[str]]:
    """Return the cells of failures expected and observed, by band and in the claimed ones together."""
    rows = [
        [
            f"{band['low']:g}",
            f"{band['high']:g}",
            number(band["rows"], 0),
            number(band["expected"], 1),
            number(band["observed"], 0),
            number(band["observed"] / band["expected"] if band["expected"] else None, 2),
            interval(band["ratio_95"], 2),
        ]
        for band in bands
    ]
    together = [
        "0.01",
        "1",
        number(sum(band["rows"] for band in bands if band["low"] >= 0.01), 0),  # noqa: PLR2004
        number(above["expected"], 1),
        number(above["observed"], 0),
        number(above["ratio"], 2),
        interval(above["ratio_95"], 2),
    ]
    return [*rows, together]


def quality_note(quality: dict[str, Any]) -> str:
    """Return what is needed to read a scope's figures."""
    return (
        f"{quality['protocol']}. {quality['failing']:,} of {quality['drives']:,} drives and months fail "
        f"(prevalence {percent(quality['prevalence'])})."
    )


def scope_sections(evaluation: dict[str, Any]) -> list[str]:
    """Return the card's parts about both scopes; nothing for a version without such figures."""
    found = evaluation.get("quality") or {}
    if not found:
        return []
    parts = ["## Who the figures are of"]
    for scope, title in SCOPES.items():
        if quality := found.get(scope):
            parts += [
                f"### {title}: `{scope}`",
                quality_note(quality),
                _markdown(LEVEL_HEADINGS, level_rows(quality)),
                _STANDING,
                _markdown(BAND_HEADINGS, band_rows(quality["bands"], quality["above"])),
                _TOGETHER,
            ]
    if "similar" not in found:
        parts.append("Nothing was learned about drives of other models: they get no figure of their own.")
    return parts


def window_sections(evaluation: dict[str, Any]) -> list[str]:
    """Return the card's parts about the windows; nothing for a version without any."""
    record = evaluation.get("windows") or {}
    if not record:
        return []
    versions = list(record["parts"][0]["versions"])
    parts = ["## Windows, forward in time"]
    if record["previous"]:
        ways = {scope: one["previous_scored"] for one in record["windows"] for scope in [one["scope"]]}
        parts.append(
            "\n".join(f"- `{scope}`: {record['previous']} is scored {way}." for scope, way in ways.items())
        )
    parts += [
        _markdown(ranking_headings(versions), [ranking_cells(part) for part in record["parts"]]),
        _markdown(alarm_headings(versions), [alarm_cells(part) for part in record["parts"]]),
        WINDOWS_NOTE,
    ]
    for scope, sides in record["calibration"].items():
        parts += [
            f"Failures expected and observed on the windows of `{scope}` drives, all of them together:",
            _markdown(BAND_HEADINGS, band_rows(sides["own"]["bands"], sides["own"]["above"])),
        ]
    return parts


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
