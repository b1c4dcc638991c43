"""The basis of a forecast in words: how well the model knows the drive, and what the drive left out."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import Meta

from functions.scoring.model.risk import ADVICE
from functions.scoring.model.scope import TRAINED, UNKNOWN_SCOPE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from functions.scoring.model.risk import Risk
    from functions.scoring.model.scope import ScopeRule
    from functions.scoring.model.scorer import Scorer
    from functions.scoring.model.stand_ins import StandIns

UnknownCode = Literal["solid_state", "no_evidence"]

UNKNOWN_CODES: dict[UnknownCode, str] = {
    "solid_state": "It is a solid-state drive; models learned nothing about those.",
    "no_evidence": "It reports neither SMART 197 nor 198: no sectors that cannot be read.",
}
"""Why nothing is known of a drive."""


BasisSentence = Annotated[str, Meta(description="What the forecast rests on, in a sentence.")]
MissingOfDrive = Annotated[
    list[int], Meta(description="SMART attributes the model reads that the drive does not report.")
]
StandInsTaken = Annotated[
    dict[str, int], Meta(description="By missing attribute, the one whose value was taken in its place.")
]
"""Fields of every answer about a drive."""


class Basis(msgspec.Struct, frozen=True):
    """Basis of one drive's forecast.

    Attributes
    ----------
    sentence : str
        For people.
    missing : list of int
        SMART attributes of the model's features that the drive does not report, ascending.
    stand_ins : dict of str to int
        By missing attribute, the one whose value was taken.
    unknown : UnknownCode or None
        Why nothing is known of the drive, None where something is.
    advice : str
        In place of that of the risk level; empty where that stands.
    """

    sentence: str
    missing: list[int]
    stand_ins: dict[str, int]
    unknown: UnknownCode | None = None
    advice: str = ""

    def advise(self, risk: Risk) -> str:
        """Return the advice for a risk level."""
        return self.advice or ADVICE[risk]


def basis_of(scorer: Scorer, model: str, by_name: int, scope: int, now: Sequence[float]) -> Basis:
    """Return what the forecast of a drive rests on.

    Parameters
    ----------
    by_name, scope : int
        Codes of the scope that its name gives, and of the one it has.
    now : sequence of float
        Decoded values of the scorer's attributes, NaN where missing.
    """
    absent = tuple(
        attribute
        for attribute, value in zip(scorer.attributes, now, strict=True)
        if value != value  # noqa: PLR0124 - NaN is not equal to itself
    )
    calibrated = scorer.similar is not None
    return _basis(scorer.scopes, scorer.stand_ins, calibrated, model, by_name, scope, absent)


# Of what is small of a scorer: a cache must not keep a model that has been replaced.
@lru_cache(maxsize=1024)
def _basis(
    scopes: ScopeRule,
    stand_ins: StandIns,
    calibrated: bool,
    model: str,
    by_name: int,
    scope: int,
    absent: tuple[int, ...],
) -> Basis:
    missing = [each for each in absent if each in stand_ins.columns]
    if scope != UNKNOWN_SCOPE:
        others = stand_ins.by_attribute
        used = {each: others[each] for each in missing if each in others and others[each] not in absent}
        sentence = _sentence(_learning(scopes, calibrated, model, scope), missing, used)
        return Basis(sentence, missing, {str(each): other for each, other in used.items()})
    if by_name == UNKNOWN_SCOPE:
        sentence = "Unknown: this is a solid-state drive, and nothing was learned about those."
        advice = (
            "No forecast: nothing was learned about solid-state drives. Go by the drive's own verdict "
            "(smartctl -H) and its wear indicator."
        )
        return Basis(sentence, missing, {}, "solid_state", advice)
    listed = _enumerate([stand_ins.attributes[column] for column in scopes.columns], "or")
    advice = (
        f"No forecast without SMART {listed}. Check whether the export leaves it out; else go by the drive's "
        "own verdict (smartctl -H)."
    )
    sentence = f"Unknown: the forecast rests on SMART {listed}, and the drive does not report that."
    return Basis(sentence, missing, {}, "no_evidence", advice)


def _learning(scopes: ScopeRule, calibrated: bool, model: str, scope: int) -> str:
    if scope == TRAINED:
        return f"Trained on {scopes.trained_name(model)} and its failures."
    if calibrated:
        return "Similar: calibrated on drives of many models together, not on this one by itself."
    trained = _enumerate(scopes.drive_models, "and") or "other drive models"
    return f"Similar: trained on {trained}, not on this drive model, for which nothing was calibrated."


def _sentence(learned: str, missing: Sequence[int], used: Mapping[int, int]) -> str:
    if not missing:
        return learned
    absent = f"SMART {_enumerate(missing, 'and')} {'is' if len(missing) == 1 else 'are'} not reported"
    replaced = [f"{other} stands in for {each}" for each, other in used.items()]
    return f"{learned} {'; '.join([absent, *replaced])}."


def _enumerate(names: Sequence[int | str], last: str) -> str:
    texts = [str(name) for name in names]
    return f" {last} ".join([", ".join(texts[:-1]), texts[-1]]) if len(texts) > 1 else "".join(texts)
