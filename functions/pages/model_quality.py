"""The scopes on a model's card: which drives they are, and how good their forecasts proved to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.html.markup import NOTHING, Markup, Tile, element, join, paragraph, table, tiles
from functions.html.numbers import DASH, count, interval, number, percent, probability
from functions.scoring.report.scopes import scope_meanings

if TYPE_CHECKING:
    from functions.scoring.model.manifest import Manifest, Thresholds
    from functions.scoring.model.quality import LevelQuality, ProbabilityBand, ScopeQuality

LEVELS = ("critical", "high", "medium")


def scopes(manifest: Manifest) -> Markup:
    """Show which drives the model knows how well, and how each are answered."""
    similar = manifest.thresholds if manifest.similar is None else manifest.similar.thresholds
    answered = {"trained": _thresholds(manifest.thresholds), "similar": _thresholds(similar)}
    rows = [
        (scope, *answered.get(scope, (DASH,) * len(LEVELS)), meaning)
        for scope, meaning in scope_meanings(manifest).items()
    ]
    named = paragraph(f"Trained on {', '.join(manifest.drive_models)}.") if manifest.drive_models else NOTHING
    headings = ("scope", *(f"{level} from" for level in LEVELS), "meaning")
    replaced = [
        paragraph(f"Where a drive does not report SMART {missing}, SMART {other} stands in for it.")
        for missing, other in manifest.stand_ins.items()
    ]
    title = element("h2", "How well it knows your drive")
    return join([title, named, table(headings, rows, "wordy"), *replaced])


def _thresholds(chosen: Thresholds) -> tuple[str, ...]:
    return tuple(number(getattr(chosen, level), 4) for level in LEVELS)


def quality(manifest: Manifest) -> Markup:
    """Show how good the forecasts proved to be, of trained and similar drives apart; nothing unrecorded."""
    recorded = {
        "trained": manifest.quality,
        "similar": None if manifest.similar is None else manifest.similar.quality,
    }
    parts = [_of_scope(scope, found) for scope, found in recorded.items() if found is not None]
    return join([element("h2", "How good its forecasts proved to be"), *parts]) if parts else NOTHING


def _of_scope(scope: str, found: ScopeQuality) -> Markup:
    shown = [
        Tile(count(found.drives), f"{scope} drives, counted anew in every month"),
        Tile(count(found.failing), "of them failed within the horizon"),
        Tile(percent(found.prevalence), "prevalence: the precision of chance"),
    ]
    levels = [_level(level, found.levels[level]) for level in LEVELS if level in found.levels]
    headings = (
        "level",
        "from probability",
        "precision",
        "95 %",
        "recall",
        "95 %",
        "standing, of 10,000",
        "new a month, of 10,000",
    )
    alerts = paragraph(
        "One decision a drive and month, at the thresholds that are served. Standing: drives at the level on "
        "the first day of a month; new: those that reach it within the month."
    )
    bands = paragraph(
        "Failures by band of probability: a ratio above 1 means that more failed than was said."
    )
    return join(
        [
            element("h3", f"{scope.capitalize()} drives"),
            paragraph(found.protocol),
            tiles(shown),
            *([alerts, table(headings, levels, "numbers", anchor=f"levels-{scope}")] if levels else []),
            *([bands, _bands(scope, found.bands)] if found.bands else []),
        ]
    )


def _level(level: str, found: LevelQuality) -> tuple[str, ...]:
    return (
        level,
        number(found.threshold, 4),
        percent(found.precision, 1),
        _percents(found.precision_95),
        percent(found.recall, 1),
        _percents(found.recall_95),
        number(found.standing_per_10000, 1),
        number(found.new_per_10000, 1),
    )


def _percents(ends: tuple[float, float] | None) -> str:
    return DASH if ends is None else " to ".join(percent(end, 1) for end in ends)


def _bands(scope: str, bands: list[ProbabilityBand]) -> Markup:
    rows = [
        (
            f"{probability(band.low)} to {probability(band.high)}",
            count(band.rows),
            number(band.expected, 1),
            count(band.observed),
            number(band.observed / band.expected, 2) if band.expected else DASH,
            interval(band.ratio_95, 2) or DASH,
        )
        for band in bands
    ]
    headings = ("probability", "drive-days", "failures expected", "observed", "observed / expected", "95 %")
    return table(headings, rows, "numbers", anchor=f"bands-{scope}")
