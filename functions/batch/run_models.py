"""The two models of a run: the one that answers, and the one that is compared with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from functions.serving import models as serving

if TYPE_CHECKING:
    from functions.scoring.model.scorer import Scorer


class Models(NamedTuple):
    """The models of one run."""

    champion: Scorer
    challenger: Scorer | None

    @property
    def version(self) -> str:
        """The champion's version."""
        return self.champion.model.version

    @property
    def challenger_version(self) -> str | None:
        """The challenger's version, if there is one."""
        return None if self.challenger is None else self.challenger.model.version


def current() -> Models:
    """Return the models that score a file which arrives now.

    Raises
    ------
    ModelError
        See `functions.serving.models.scorer`.
    """
    served = serving.newest()
    return Models(served.scorer, served.challenger())


def models_named(version: str, challenger: str | None) -> Models:
    """Return the models that a run began with, whichever are champion and challenger by now.

    Raises
    ------
    ModelError
        One of them cannot be loaded, or no longer.
    """
    shadow = None if challenger is None else serving.scorer_of(challenger)
    return Models(serving.scorer_of(version), shadow)
