"""The basis of a forecast in words: how well the model knows the drive, and what the drive left out."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import msgspec

from functions.scoring.model.risk import ADVICE
from functions.scoring.model.scope import TRAINED, UNKNOWN_SCOPE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from functions.scoring.model.risk import Risk
    from functions.scoring.model.scorer import Scorer

UnknownCode = Literal["solid_state", "no_evidence"]

UNKNOWN_CODES: dict[UnknownCode, str] = {
    "solid_state": "It is a solid-state drive; models learned nothing about those.",
    "no_evidence": "It reports none of the attributes that the forecast rests on.",
}
"""Why nothing is known of a drive."""


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
    wanted, stand_ins = scorer.model.plan.attributes, scorer.stand_ins.by_attribute
    missing = tuple(each for each in absent if each in wanted)
    used = tuple((each, stand_ins[each]) for each in missing if stand_ins.get(each, each) not in absent)
    if scope != UNKNOWN_SCOPE:
        known = _learned(scorer, model, scope)
        return Basis(_sentence(known, missing, used), list(missing), {str(a): b for a, b in used})
    if by_name == UNKNOWN_SCOPE:
        sentence = "Unknown: this is a solid-state drive, and nothing was learned about those."
        advice = (
            "No forecast: nothing was learned about solid-state drives. Go by the drive's own verdict "
            "(smartctl -H) and its wear indicator."
        )
        return Basis(sentence, list(missing), {}, "solid_state", advice)
    needed = [scorer.attributes[column] for column in scorer.scopes.columns[by_name]]
    listed = _listed(needed, "or")
    advice = (
        f"No forecast without SMART {listed}. Check whether the export leaves it out; else go by the drive's "
        "own verdict (smartctl -H)."
    )
    sentence = f"Unknown: the forecast rests on SMART {listed}, and the drive does not report that."
    return Basis(sentence, list(missing), {}, "no_evidence", advice)


def _learned(scorer: Scorer, model: str, scope: int) -> str:
    if scope == TRAINED:
        return f"Trained on {scorer.scopes.trained_name(model)} and its failures."
    if scorer.similar is not None:
        return "Similar: not trained on this drive model, but calibrated on drives of other models."
    trained = _listed(scorer.model.manifest.drive_models, "and") or "other drive models"
    return f"Similar: trained on {trained}, not on this drive model, for which nothing was calibrated."


@lru_cache(maxsize=1024)
def _sentence(learned: str, missing: tuple[int, ...], used: tuple[tuple[int, int], ...]) -> str:
    if not missing:
        return learned
    absent = f"SMART {_listed(missing, 'and')} {'is' if len(missing) == 1 else 'are'} not reported"
    replaced = [f"{other} stands in for {each}" for each, other in used]
    return f"{learned} {'; '.join([absent, *replaced])}."


def _listed(names: Sequence[int | str], last: str) -> str:
    texts = [str(name) for name in names]
    return f" {last} ".join([", ".join(texts[:-1]), texts[-1]]) if len(texts) > 1 else "".join(texts)
