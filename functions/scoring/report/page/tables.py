"""The tables of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.html.markup import NOTHING, Markup, element, isolate, join, table, text
from functions.html.numbers import DASH, count, failures, interval, number, probability, share
from functions.scoring.report.scopes import scope_meanings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from functions.scoring.report.data import DriveForecast, MissingValues, ReportData
    from functions.scoring.report.top_drives import WorstDrive

WORST_FIRST = ("critical", "high", "medium", "low", "unknown")
"""The levels as people read them."""


def level(name: str) -> Markup:
    """Return a risk level with its colour."""
    return element("span", name, class_=f"level {name}")


def worst_table(drives: Sequence[WorstDrive]) -> Markup:
    """List the riskiest drives."""
    rows = [
        (
            isolate(drive.serial_number),
            isolate(drive.model),
            probability(drive.probability),
            level(drive.risk),
            drive.scope,
            count(drive.line),
            _reasons(drive),
        )
        for drive in drives
    ]
    headings = ("drive", "model", "chance of failing", "risk", "scope", "line", "reasons")
    return table(headings, rows, "cards wordy", anchor="worst-drives") if rows else NOTHING


def _reasons(drive: WorstDrive) -> Markup:
    if not drive.reasons:
        return element("span", "none given", class_="soft")
    return join(map(text, drive.reasons), element("br"))


def models_table(data: ReportData) -> Markup:
    """Show every drive model, the others together, and the sum."""
    listed = [*data.models, *([data.others] if data.others else []), data.fleet]
    numbers = ("drives", "forecast stands", "failures expected", "95 % interval")
    headings = ("drive model", "scope", *numbers, *WORST_FIRST)
    rows = [_model(row) for row in listed]
    return table(headings, rows, "summed", anchor="drive-models") if data.models else NOTHING


def _model(row: DriveForecast) -> tuple[str, ...]:
    levels = (count(row.risk[name]) for name in WORST_FIRST)
    expected = DASH if row.expected is None else failures(row.expected)
    drives = (count(row.drives), count(row.forecast_drives))
    within = DASH if row.interval is None else interval(row.interval, 0)
    return (isolate(row.name), _scopes(row), *drives, expected, within, *levels)


def _scopes(row: DriveForecast) -> str:
    """Say the scope of some drives, with numbers where they are of several."""
    found = {scope: drives for scope, drives in row.scope.items() if drives}
    if len(found) == 1:
        return "".join(found)
    return ", ".join(f"{count(drives)} {scope}" for scope, drives in found.items())


def scope_table(data: ReportData) -> Markup:
    """Show how many drives are of each scope, and its meaning."""
    rows = [
        (scope, meaning, count(data.fleet.scope[scope]), share(data.fleet.scope[scope], data.fleet.drives))
        for scope, meaning in scope_meanings(data.manifest).items()
    ]
    return table(("scope", "meaning", "drives", "of all drives"), rows, "cards", anchor="scope")


def drift_table(data: ReportData) -> Markup:
    """Show how far features are from those the model was made with, by scope."""
    found: dict[str, Mapping[str, float | None]] = {"trained": data.drift["psi"]}
    if data.drift["similar"] is not None:
        found["similar"] = data.drift["similar"]["psi"]
    rows = [
        (feature.name, *(number(indices.get(feature.name)) for indices in found.values()))
        for feature in data.manifest.features
        if any(indices.get(feature.name) is not None for indices in found.values())
    ]
    headings = ("feature", *(f"index of {scope} drives" for scope in found))
    return table(headings, rows, anchor="drift") if rows else NOTHING


def rejects_table(data: ReportData) -> Markup:
    """Show why lines were rejected."""
    rows = [
        (element("code", code), count(lines), share(lines, data.lines), meaning)
        for code, meaning, lines in data.rejects
    ]
    headings = ("reason", "lines", "of all lines", "meaning")
    return table(headings, rows, "wordy", anchor="rejects") if rows else NOTHING


def missing_table(data: ReportData) -> Markup:
    """Show which attributes of the model rows lack."""
    rows = [
        (
            f"SMART {one.attribute}, {one.name}",
            count(one.rows),
            share(one.rows, data.accepted),
            _stand_in(one),
        )
        for one in data.missing
    ]
    headings = ("attribute", "rows without it", "of all rows", "stand-in")
    return table(headings, rows, anchor="missing") if rows else NOTHING


def _stand_in(one: MissingValues) -> str:
    if one.stand_in is None:
        return "none"
    return f"SMART {one.stand_in}, in {count(one.replaced)} {'row' if one.replaced == 1 else 'rows'}"


def history_table(data: ReportData) -> Markup:
    """Show how far back rows could be compared."""
    rows = [
        (f"{age} days" if age else "no earlier snapshot", count(rows), share(rows, data.accepted))
        for age, rows in data.history_days.items()
    ]
    return table(("compared with", "rows", "of all rows"), rows, anchor="history-days") if rows else NOTHING


def levels_pair_table(risk: dict[str, dict[str, int]]) -> Markup:
    """Show rows by the champion's level and the challenger's."""
    rows = [
        (level(ours), *(count(risk[ours][theirs]) for theirs in WORST_FIRST))
        for ours in WORST_FIRST
        if any(risk[ours].values())
    ]
    return table(("champion says", *(f"challenger: {name}" for name in WORST_FIRST)), rows)


def disagreements_table(drives: Sequence[dict[str, object]]) -> Markup:
    """List rows that one model alone would alarm on."""
    rows = []
    for drive in drives:
        answers = []
        for model in ("champion", "challenger"):
            found = drive[model]
            assert isinstance(found, dict)
            answers.append(join([level(str(found["risk"])), probability(float(found["probability"]))], " "))
        serial, name, date, alarm = (drive[key] for key in ("serial_number", "model", "date", "alarm"))
        rows.append((isolate(serial), isolate(name), str(date), *answers, f"the {alarm} alone"))
    headings = ("drive", "model", "date", "champion", "challenger", "alarm by")
    return table(headings, rows, "cards") if rows else NOTHING
