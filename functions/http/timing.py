"""How long the stages of a request took, for the header ``Server-Timing``."""

from __future__ import annotations

from time import perf_counter

STAGES = {
    "parse": "reading and checking the body",
    "features": "decoding raw values and building the model's input",
    "model": "the run of the ONNX graph",
    "explain": "contributions and reasons",
}
"""The stages there are; one that did not take place is left out."""


class Stopwatch:
    """Takes the time of one stage after the other."""

    __slots__ = ("_laps", "_last", "_start")

    def __init__(self) -> None:
        self._start = self._last = perf_counter()
        self._laps: list[tuple[str, float]] = []

    def lap(self, stage: str) -> None:
        """End a stage."""
        now = perf_counter()
        self._laps.append((stage, now - self._last))
        self._last = now

    def header(self) -> str:
        """Return the value of ``Server-Timing``, in milliseconds; the total is last."""
        laps = "".join([f"{stage};dur={seconds * 1e3:.3f}, " for stage, seconds in self._laps])
        return f"{laps}total;dur={(perf_counter() - self._start) * 1e3:.3f}"
