"""The tables of scopes and windows of an evaluation's page."""

from __future__ import annotations

from typing import Any

from functions.html.markup import NOTHING, Markup, element, join, paragraph, table
from training.reporting.scope_tables import (
    BAND_HEADINGS,
    LEVEL_HEADINGS,
    SCOPES,
    band_rows,
    level_rows,
    quality_note,
)
from training.reporting.window_rows import (
    WINDOWS_NOTE,
    alarm_cells,
    alarm_headings,
    ranking_cells,
    ranking_headings,
)


def scopes_section(evaluation: dict[str, Any]) -> Markup:
    """Show alarms and bands of both scopes, as served; nothing where there are no such figures."""
    parts = []
    for scope, title in SCOPES.items():
        if quality := (evaluation.get("quality") or {}).get(scope):
            note = quality_note(quality)
            parts += [
                element("h3", f"{title}: {scope}"),
                table(LEVEL_HEADINGS, level_rows(quality), caption=note),
                table(BAND_HEADINGS, band_rows(quality["bands"], quality["above"]), caption=note),
            ]
    return join(parts) if parts else NOTHING


def windows_section(evaluation: dict[str, Any]) -> Markup:
    """Show the windows and families, beside the version that was compared with; nothing without any."""
    record = evaluation.get("windows") or {}
    if not record:
        return NOTHING
    versions = list(record["parts"][0]["versions"])
    parts = [
        table(ranking_headings(versions), [ranking_cells(part) for part in record["parts"]]),
        table(alarm_headings(versions), [alarm_cells(part) for part in record["parts"]]),
        paragraph(WINDOWS_NOTE, "caption"),
    ]
    for scope, sides in record["calibration"].items():
        caption = f"Windows of {scope} drives, all of them together, by drive-day"
        own = sides["own"]
        parts.append(table(BAND_HEADINGS, band_rows(own["bands"], own["above"]), caption=caption))
    return join(parts)
