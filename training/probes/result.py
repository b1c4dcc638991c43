"""The result of a leak probe, and the error that stops a training run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from functions.errors import DrivecastError


@dataclass(frozen=True)
class ProbeResult:
    """The outcome of one probe.

    Attributes
    ----------
    code : str
        Stable: DCL001 to DCL006.
    fired : bool
        Whether there is a leak; then no figure of the evaluation can be trusted.
    measured, limit : float
        The measurement and its limit; the explanation names their unit.
    explanation : str
        One sentence for people: what was measured, and what it means.
    """

    code: str
    fired: bool
    measured: float
    limit: float
    explanation: str

    def document(self) -> dict[str, Any]:
        """Return the fields, ready for evaluation.json."""
        return asdict(self)


class LeakError(DrivecastError):
    """A leak probe fired: what the model was tested on was not kept from what it was fitted on.

    Parameters
    ----------
    results : sequence of ProbeResult
        Of every probe that ran; at least one fired.
    """

    code: ClassVar[str] = "leak"
    title: ClassVar[str] = "The evaluation leaks"
    status: ClassVar[int] = 400

    def __init__(self, results: Sequence[ProbeResult]) -> None:
        self.results = tuple(results)
        fired = [result for result in results if result.fired]
        found = "; ".join(f"{result.code}: {result.explanation}" for result in fired)
        super().__init__(f"{len(fired)} of {len(results)} leak probes fired, no version is written. {found}")
