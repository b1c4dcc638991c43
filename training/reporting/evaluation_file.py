"""A version's evaluation.json and the identity of its protocol."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from functions.errors import ModelError
from functions.scoring.model.manifest import Manifest, read_manifest, read_registry

EVALUATION_FILE = "evaluation.json"

LEVELS = ("critical", "high", "medium")
"""Risk levels in the order they are shown, the smallest alert budget first."""


@dataclass(frozen=True)
class Evaluated:
    """A version with its evaluation.

    Attributes
    ----------
    evaluation : dict
        Content of evaluation.json.
    """

    folder: Path
    manifest: Manifest
    evaluation: dict[str, Any]

    @property
    def version(self) -> str:
        """The version's name."""
        return self.manifest.version

    @property
    def figures(self) -> dict[str, Any]:
        """The forward test's figures of the recipe that is shipped."""
        figures: dict[str, Any] = self.evaluation["candidates"][self.evaluation["candidate"]]
        return figures

    def protocol(self) -> dict[str, Any]:
        """Return what must be equal for two versions' figures to be comparable, in words."""
        protocol = self.evaluation["protocol"]
        return {
            "data digest": self.manifest.lineage.get("digest"),
            "horizon": f"{protocol['horizon_days']} days",
            "split": protocol["split"],
            "days": "; ".join(
                ", ".join(f"{name} {first} to {last}" for name, (first, last) in sorted(period.items()))
                for period in protocol["periods"]
            ),
            "held-out drives": protocol["held_out_drives"],
            "seed of the split": protocol.get("seed", "not recorded"),
            "decision": protocol["decision"],
        }


def read_evaluated(models: Path, name: str) -> Evaluated:
    """Read a version by alias or name.

    Raises
    ------
    ModelError
        There is no such version, or it has no evaluation that can be read.
    """
    folder = models / read_registry(models).resolve(name)
    path = folder / EVALUATION_FILE
    try:
        evaluation = msgspec.json.decode(path.read_bytes())
        found = Evaluated(folder, read_manifest(folder), evaluation)
        found.protocol()
        found.figures["all_drives"]["drives"]["average_precision"]
    except FileNotFoundError:
        msg = f"Model {folder.name} has no {EVALUATION_FILE}; there is nothing to compare. Train it again."
        raise ModelError(msg) from None
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError, ValueError) as error:
        msg = (
            f"{folder.name}/{EVALUATION_FILE} is not an evaluation of `python -m training train` "
            f"({error!r}); "
            "restore the version."
        )
        raise ModelError(msg) from error
    return found


def differences(first: Evaluated, second: Evaluated) -> list[str]:
    """Return in what the protocols of two versions differ, one sentence each."""
    ours, theirs = first.protocol(), second.protocol()
    return [
        f"{name}: {first.version} has {ours[name]}, {second.version} has {theirs[name]}"
        for name in ours
        if ours[name] != theirs[name]
    ]
