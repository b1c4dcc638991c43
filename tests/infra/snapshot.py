"""A snapshot: every resource that Azure would be asked for, with its values, as the compiler works them out.

``make infra-check`` holds those of tests/infra/snapshots against the templates.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
INFRA = ROOT / "infra"
FOLDER = Path(__file__).parent / "snapshots"

MAIN = ("public", "private", "private-storage")
EVENTS = ("events-webhook", "events-webhook-private", "events-queue")

Resource = dict[str, Any]


class Snapshot:
    """The resources and outputs of one parameter set."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.resources: list[Resource] = document["predictedResources"]
        self.outputs: dict[str, Any] = document["outputs"]

    def of(self, kind: str) -> Iterator[Resource]:
        """Yield the resources of one type, such as ``Microsoft.Web/sites``."""
        return (resource for resource in self.resources if resource["type"] == kind)

    def one(self, kind: str) -> Resource:
        """Return the only resource of its type."""
        (resource,) = self.of(kind)
        return resource


def load(file: Path) -> Snapshot:
    """Return a snapshot from a file."""
    return Snapshot(json.loads(file.read_text(encoding="utf-8")))


@cache
def read(name: str) -> Snapshot:
    """Return a snapshot of tests/infra/snapshots."""
    return load(FOLDER / f"{name}.snapshot.json")


def parameters(template: str) -> dict[str, bool]:
    """Return a template's parameters, and whether each has to be given."""
    text = (INFRA / template).read_text(encoding="utf-8")
    declared = re.findall(r"^param (\w+) [^=\n]+?( =.*)?$", text, re.MULTILINE)
    return {name: not default for name, default in declared}
