"""Why the forecast of one drive is what it is: every attribute's contribution, of one model."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, NamedTuple

import msgspec
import numpy as np
from msgspec import Meta

from functions.scoring.model.risk import Risk
from functions.scoring.model.scope import SCOPES, UNKNOWN_SCOPE, Scope
from functions.scoring.model.scorer import shortest_decimal
from functions.scoring.online.basis import (
    Basis,
    BasisSentence,
    MissingOfDrive,
    StandInsTaken,
    UnknownCode,
    basis_of,
)
from functions.scoring.online.forecast import SCOPE_MEANING, observe
from functions.scoring.smart import ATTRIBUTES

if TYPE_CHECKING:
    from functions.scoring.model.scorer import Lap, Scorer
    from functions.scoring.online.request_parser import Drive


class Contribution(msgspec.Struct, frozen=True):
    """The share of one SMART attribute in the log-odds of failure."""

    attribute: Annotated[int, Meta(description="SMART attribute.")]
    name: Annotated[str, Meta(description="Its plain name.")]
    unit: Annotated[str, Meta(description="Unit of the value.")]
    value: Annotated[
        float | None,
        Meta(description="Decoded value, or its stand-in's; null where the drive reports neither."),
    ]
    contribution: Annotated[float, Meta(description="Log-odds; below 0 it lowers the risk.")]


class ModelExplanation(msgspec.Struct, frozen=True):
    """One model's forecast, taken apart: base value, contributions and rest add up to the log-odds."""

    model_version: Annotated[str, Meta(description="The version.")]
    algorithm: Annotated[str, Meta(description="The model in words.")]
    probability: Annotated[float, Meta(description="Probability of failing within the horizon.", ge=0, le=1)]
    log_odds: Annotated[float, Meta(description="The same as log-odds.")]
    base_value: Annotated[float, Meta(description="Log-odds before anything is known of the drive.")]
    contributions: Annotated[
        list[Contribution],
        Meta(description="By attribute, the largest in size first; as many as ?top= asks for."),
    ]
    rest: Annotated[float, Meta(description="Sum of the attributes left out.")]


class Explanation(msgspec.Struct, frozen=True):
    """The explanation of one drive's forecast."""

    serial_number: Annotated[str, Meta(description="As asked.")]
    model: Annotated[str, Meta(description="As asked.")]
    date: Annotated[str, Meta(description="As asked.", extra_json_schema={"format": "date"})]
    horizon_days: Annotated[int, Meta(description="Days the forecast looks ahead.", ge=1)]
    risk: Annotated[Risk, Meta(description="Risk level.")]
    scope: Annotated[Scope, Meta(description=SCOPE_MEANING)]
    basis: BasisSentence
    missing: MissingOfDrive
    stand_ins: StandInsTaken
    explained: Annotated[
        ModelExplanation | None,
        Meta(description="The model that answers; null where the scope is unknown."),
    ]
    baseline: Annotated[
        ModelExplanation | None,
        Meta(
            description="The baseline model on the same drive; null when it is the one that answers, or when "
            "either says nothing of the drive."
        ),
    ]
    why_unknown: Annotated[
        str | None, Meta(description="Why there is nothing to explain, in a sentence; null where there is.")
    ]
    unknown_code: Annotated[
        UnknownCode | None,
        Meta(
            description="The same as a code: solid_state, or no_evidence where the drive reports neither "
            "SMART 197 nor 198."
        ),
    ]


class ExplainedDrive(NamedTuple):
    """A forecast taken apart.

    Attributes
    ----------
    model : ModelExplanation or None
        None where the scope is unknown.
    """

    model: ModelExplanation | None
    risk: Risk
    scope: Scope
    basis: Basis


def explain(drive: Drive, scorer: Scorer, top: int, lap: Lap) -> ExplainedDrive:
    """Take one forecast apart.

    Parameters
    ----------
    drive : Drive
        Read for the scorer's attributes.
    top : int
        Most contributions shown; the others are added up.
    lap : callable
        Told the stages features, model and explain as they end.
    """
    seen = observe([drive], scorer)
    scores = scorer.score(seen, lap)
    scope = int(scores.scope[0])
    basis = basis_of(scorer, drive.model, int(seen.by_name[0]), scope, seen.now[0].tolist())
    if scope == UNKNOWN_SCOPE:
        lap("explain")
        return ExplainedDrive(None, scores.level(0), SCOPES[scope], basis)
    amounts = scorer.contributions(scores.features, scores.scope)[0]
    filled = scorer.stand_ins.fill(seen.now)[0].tolist()
    values = dict(zip(scorer.model.plan.attributes, filled, strict=True))
    order = np.argsort(-np.abs(amounts), kind="stable").tolist()
    shown = []
    for index in order[:top]:
        attribute = ATTRIBUTES[scorer.explainer.attributes[index]]
        value = values[attribute.id]
        shown.append(
            Contribution(
                attribute.id,
                attribute.name,
                attribute.unit,
                None if math.isnan(value) else value,
                round(float(amounts[index]), 6),
            )
        )
    found = ModelExplanation(
        model_version=scorer.model.version,
        algorithm=scorer.model.manifest.algorithm,
        probability=shortest_decimal(scores.probability[0]),
        log_odds=shortest_decimal(scores.log_odds[0]),
        base_value=round(scorer.base(scope), 6),
        contributions=shown,
        rest=round(float(amounts[order[top:]].sum()), 6),
    )
    lap("explain")
    return ExplainedDrive(found, scores.level(0), SCOPES[scope], basis)
