"""One campaign: random tries of one kind, each made from the seed, the campaign's name and its own number.

So a try that breaks a property is repeated alone. The moments of kills depend on the clock as well: a
repeated try has the same files and the same plan of kills, but not the same microseconds.
"""

from __future__ import annotations

import random
import time
import traceback
from abc import ABC, abstractmethod
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Self


class Campaign(ABC):
    """Tries of one kind; use it in a ``with`` statement.

    Parameters
    ----------
    models : Path
        Folder with the small models.
    folder : Path
        For whatever the tries write; empty.

    Attributes
    ----------
    evidence : dict of str to bytes
        Inputs of the current try, by file name; saved when it breaks a property.
    """

    name: ClassVar[str]

    def __init__(self, models: Path, folder: Path) -> None:
        self.models = models
        self.folder = folder
        self.evidence: dict[str, bytes] = {}
        self.stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as started:
            self.stack = started
            self.start()
            self.stack = started.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    @abstractmethod
    def start(self) -> None:
        """Start the programs that the tries need; the stack stops them."""

    @abstractmethod
    def attempt(self, chance: random.Random) -> Counter[str]:
        """Make one try; return its outcomes. Any exception is a broken property."""


@dataclass(frozen=True)
class Breach:
    """A broken property: the number of the try, and why it broke."""

    number: int
    reason: str
    story: str


@dataclass
class Result:
    """What a campaign has tried."""

    name: str
    seed: int
    tried: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    breach: Breach | None = None


def chance_of(seed: int, name: str, number: int) -> random.Random:
    """Return the random numbers of one try."""
    return random.Random(f"{seed}/{name}/{number}")


def run(
    campaign: Campaign, seed: int, *, until: float = float("inf"), tries: int | None = None, first: int = 0
) -> Result:
    """Make tries until the time is up, a number of them is made, or one breaks a property.

    Parameters
    ----------
    campaign : Campaign
        Started.
    until : float
        Of `time.monotonic`; a try that has begun is finished.
    tries : int, optional
        Most tries.
    first : int
        Number of the first try.
    """
    result = Result(campaign.name, seed)
    began = time.monotonic()
    while (tries is None or result.tried < tries) and (not result.tried or time.monotonic() < until):
        number = first + result.tried
        result.tried += 1
        campaign.evidence = {}
        try:
            result.outcomes += campaign.attempt(chance_of(seed, campaign.name, number))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what a campaign looks for
            reason = f"{type(error).__name__}: {error}".splitlines()[0][:300]
            result.breach = Breach(number, reason, traceback.format_exc())
            break
    result.seconds = time.monotonic() - began
    return result


def repeat_command(result: Result) -> str:
    """Return the command that repeats the try that broke a property."""
    assert result.breach is not None
    return f"make campaign SEED={result.seed} CAMPAIGN={result.name} TRY={result.breach.number}"


def save(result: Result, evidence: dict[str, bytes], folder: Path) -> Path:
    """Write what repeats a broken property: command, reason, and the try's inputs; return the folder."""
    assert result.breach is not None
    target = folder / f"{result.name}-{result.seed}-{result.breach.number}"
    target.mkdir(parents=True, exist_ok=True)
    for name, content in evidence.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (target / "repeat.txt").write_text(
        f"{repeat_command(result)}\n\n{result.breach.reason}\n\n{result.breach.story}", encoding="utf-8"
    )
    return target


def table(results: list[Result]) -> str:
    """Write a line a campaign: tried, seconds, seed, and how often each outcome was seen."""
    width = max(len(result.name) for result in results)
    lines = [f"{'campaign':<{width}}  {'tried':>6}  {'seconds':>7}  {'seed':>10}  outcomes"]
    for result in results:
        counts = ", ".join(f"{name} {count}" for name, count in sorted(result.outcomes.items()))
        figures = f"{result.tried:>6}  {result.seconds:>7.0f}  {result.seed:>10}"
        lines.append(f"{result.name:<{width}}  {figures}  {'BROKEN; ' if result.breach else ''}{counts}")
    return "\n".join(lines)
