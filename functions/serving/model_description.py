"""The description of a model version for programs: its manifest, and its worth for each scope of drives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from functions.scoring.model.features import Feature
from functions.scoring.model.manifest import Thresholds
from functions.scoring.model.quality import LevelQuality
from functions.scoring.model.scope import SCOPES, Scope
from functions.scoring.report.scopes import scope_meanings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from functions.scoring.model.manifest import Manifest
    from functions.scoring.model.quality import ScopeQuality

_Interval = tuple[float, float]


class BandFigures(msgspec.Struct, frozen=True):
    """Drive-days of one band of probability: failures expected and seen."""

    low: Annotated[float, Meta(description="The band begins here.")]
    high: Annotated[float, Meta(description="It ends below this.")]
    rows: Annotated[int, Meta(description="Drive-days.")]
    expected: Annotated[float, Meta(description="Sum of their probabilities.")]
    observed: Annotated[int, Meta(description="Those followed by a failure within the horizon.")]
    ratio: Annotated[float | None, Meta(description="Observed over expected; null where none is expected.")]
    ratio_95: Annotated[
        _Interval | None, Meta(description="95 % interval of the ratio, by bootstrap over drives.")
    ]


class ScopeFigures(msgspec.Struct, frozen=True):
    """How good the forecasts of one scope's drives proved to be."""

    protocol: Annotated[str, Meta(description="Whose scores these are, of which days, decided how.")]
    drives: Annotated[int, Meta(description="Drives, counted anew in every month.")]
    failing: Annotated[int, Meta(description="Those that failed within the horizon.")]
    prevalence: Annotated[float, Meta(description="The one over the other.")]
    levels: Annotated[
        dict[str, LevelQuality],
        Meta(description="Precision and recall at the thresholds served, standing and new alerts; by level."),
    ]
    bands: Annotated[
        list[BandFigures], Meta(description="Failures observed and expected by band of probability.")
    ]


class ScopeDescription(msgspec.Struct, frozen=True):
    """How the model answers for the drives of one scope, and what that proved to be worth."""

    meaning: Annotated[str, Meta(description="Which drives these are.")]
    forecast: Annotated[bool, Meta(description="Whether they get a probability.")]
    counted: Annotated[bool, Meta(description="Whether they count in a number of expected failures.")]
    thresholds: Annotated[
        Thresholds | None, Meta(description="Probabilities from which a risk level starts; null without one.")
    ]
    calibration: Annotated[
        dict[str, float] | None,
        Meta(description="On top of the model's own: log-odds times scale, plus offset; null without one."),
    ]
    quality: Annotated[ScopeFigures | None, Meta(description="Null where the version records none.")]


class ModelDescription(msgspec.Struct, frozen=True):
    """The model that answers: its manifest without golden rows and histograms."""

    version: Annotated[str, Meta(description="Its name in the registry.")]
    aliases: Annotated[list[str], Meta(description="Aliases that point to it.")]
    title: Annotated[str, Meta(description="The model in a few words; empty in early versions.")]
    algorithm: Annotated[str, Meta(description="How it is made.")]
    horizon_days: Annotated[int, Meta(description="Days a forecast looks ahead.")]
    drive_models: Annotated[
        list[str], Meta(description="Drive models it was trained on, with their failures: scope trained.")
    ]
    scopes: Annotated[
        dict[Scope, ScopeDescription],
        Meta(description="By scope, how it answers for such drives and what that proved to be worth."),
    ]
    stand_ins: Annotated[
        dict[str, int],
        Meta(description="For a SMART attribute that a drive does not report, the one whose value is taken."),
    ]
    features: Annotated[
        list[Feature], Meta(description="The model's input, in order, with units and ranges.")
    ]
    evidence: Annotated[
        list[int],
        Meta(description="SMART attributes that speak about failure; a drive with none of them is unknown."),
    ]
    thresholds: Annotated[
        Thresholds, Meta(description="Probabilities from which a risk level starts, for trained drives.")
    ]
    base_rate: Annotated[float, Meta(description="Share of drive-days of the test period before a failure.")]
    metrics: Annotated[dict[str, Any], Meta(description="Headline figures with their protocol.")]
    lineage: Annotated[dict[str, Any], Meta(description="Training data: sources, digests, dates, rows.")]
    libraries: Annotated[dict[str, str], Meta(description="Versions it was made with.")]
    files: Annotated[dict[str, str], Meta(description="sha256 of the version's files.")]


_TAKEN = set(ModelDescription.__struct_fields__) - {"aliases", "scopes", "stand_ins"}


def describe_model(manifest: Manifest, aliases: Sequence[str]) -> ModelDescription:
    """Return the description of a version that some aliases point to."""
    return ModelDescription(
        aliases=list(aliases),
        scopes=_scopes(manifest),
        stand_ins={str(attribute): other for attribute, other in manifest.stand_ins.items()},
        **{name: getattr(manifest, name) for name in _TAKEN},
    )


def _scopes(manifest: Manifest) -> dict[Scope, ScopeDescription]:
    meanings, similar = scope_meanings(manifest), manifest.similar
    thresholds = manifest.thresholds
    found = (
        ScopeDescription(meanings["trained"], True, True, thresholds, None, _figures(manifest.quality)),
        ScopeDescription(meanings["similar"], True, False, thresholds, None, None)
        if similar is None
        else ScopeDescription(
            meanings["similar"],
            True,
            True,
            similar.thresholds,
            msgspec.to_builtins(similar.calibration),
            _figures(similar.quality),
        ),
        ScopeDescription(meanings["unknown"], False, False, None, None, None),
    )
    return dict(zip(SCOPES, found, strict=True))


def _figures(quality: ScopeQuality | None) -> ScopeFigures | None:
    if quality is None:
        return None
    bands = [
        BandFigures(
            band.low,
            band.high,
            band.rows,
            band.expected,
            band.observed,
            band.observed / band.expected if band.expected else None,
            band.ratio_95,
        )
        for band in quality.bands
    ]
    return ScopeFigures(
        quality.protocol, quality.drives, quality.failing, quality.prevalence, quality.levels, bands
    )
