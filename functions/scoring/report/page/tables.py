"""The tables of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.html.markup import (
    count,
    failures,
    isolated,
    probability,
    share,
    span,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from functions.scoring.report.data import DriveForecast, ReportData
    from functions.scoring.report.top_drives import WorstDrive

WORST_FIRST = ("critical", "high", "medium", "low", "unknown")
"""The levels as people read them."""


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "", anchor: str = "") -> str:
    """Return a table.

    Parameters
    ----------
    headings : sequence of str
        Of the columns; the first one holds the row's own heading.
    rows : iterable of sequence of str
        Cells as HTML.
    kind : str
        ``cards``: on a phone every row becomes a card; ``wordy``: the last column is text. Any other table
        scrolls by itself when it is too wide.
    anchor : str
        Its id.
    """
    head = "".join(f'<th scope="col">{text(heading)}</th>' for heading in headings)
    body = []
    for first, *others in rows:
        cells = "".join(
            f'<td data-name="{text(heading)}">{cell}</td>'
            for heading, cell in zip(headings[1:], others, strict=True)
        )
        body.append(f'<tr><th scope="row">{first}</th>{cells}</tr>')
    inside = f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody>"
    named = f' id="{anchor}"' if anchor else ""
    return f'<div class="scroll" tabindex="0"><table{named} class="{kind}">{inside}</table></div>'


def level(name: str) -> str:
    """Return a risk level with its colour."""
    return f'<span class="level {text(name)}">{text(name)}</span>'


def worst_table(drives: Sequence[WorstDrive]) -> str:
    """List the riskiest drives."""
    rows = [
        (
            isolated(drive.serial_number),
            isolated(drive.model),
            probability(drive.probability),
            level(drive.risk),
            count(drive.line),
            "<br>".join(text(reason) for reason in drive.reasons) or '<span class="soft">none given</span>',
        )
        for drive in drives
    ]
    headings = ("drive", "model", "fails with", "risk", "line", "reasons")
    return table(headings, rows, "cards wordy", "worst-drives") if rows else ""


def models_table(data: ReportData) -> str:
    """Show every drive model, the others together, and the sum."""
    listed = [*data.models, *([data.others] if data.others else []), data.fleet]
    headings = ("drive model", "drives", "failures expected", "95 % interval", *WORST_FIRST)
    return table(headings, [_model(row) for row in listed], "summed", "drive-models") if data.models else ""


def _model(row: DriveForecast) -> tuple[str, ...]:
    levels = (count(row.risk[name]) for name in WORST_FIRST)
    return (isolated(row.name), count(row.drives), failures(row.expected), span(row.interval), *levels)


def rejects_table(data: ReportData) -> str:
    """Show why lines were rejected."""
    rows = [
        (f"<code>{text(code)}</code>", count(lines), share(lines, data.lines), text(meaning))
        for code, meaning, lines in data.rejects
    ]
    return table(("reason", "lines", "of all lines", "meaning"), rows, "wordy", "rejects") if rows else ""


def missing_table(data: ReportData) -> str:
    """Show which attributes of the model rows lack."""
    rows = [
        (f"SMART {one.attribute}, {text(one.name)}", count(one.rows), share(one.rows, data.accepted))
        for one in data.missing
    ]
    return table(("attribute", "rows without it", "of all rows"), rows, "", "missing") if rows else ""


def history_table(data: ReportData) -> str:
    """Show how far back rows could be compared."""
    rows = [
        (f"{age} days" if age else "no earlier snapshot", count(rows), share(rows, data.accepted))
        for age, rows in data.history_days.items()
    ]
    return table(("compared with", "rows", "of all rows"), rows, "", "history-days") if rows else ""


def levels_pair_table(risk: dict[str, dict[str, int]]) -> str:
    """Show rows by the champion's level and the challenger's."""
    rows = [
        (level(ours), *(count(risk[ours][theirs]) for theirs in WORST_FIRST))
        for ours in WORST_FIRST
        if any(risk[ours].values())
    ]
    return table(("champion says", *(f"challenger: {name}" for name in WORST_FIRST)), rows)


def disagreements_table(drives: Sequence[dict[str, object]]) -> str:
    """List rows that one model alone would alarm on."""
    rows = []
    for drive in drives:
        answers = []
        for model in ("champion", "challenger"):
            found = drive[model]
            assert isinstance(found, dict)
            answers.append(f"{level(str(found['risk']))} {probability(float(found['probability']))}")
        name, date, alarm = (drive[key] for key in ("serial_number", "date", "alarm"))
        rows.append((isolated(name), text(date), *answers, f"the {text(alarm)} alone"))
    headings = ("drive", "date", "champion", "challenger", "alarm by")
    return table(headings, rows, "cards") if rows else ""
