"""A snapshot: every resource that Azure would be asked for, with its values worked out, as the compiler writes it.

The files of tests/infra/snapshots are held against the templates by `make infra-check`; ``make infra-snapshots`` writes
them anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
INFRA = ROOT / "infra"
FOLDER = Path(__file__).parent / "snapshots"

MAIN = ("public", "private", "private-storage")
"""Snapshots of main.bicep."""

EVENTS = ("events-webhook", "events-queue")
"""Snapshots of eventgrid.bicep."""

Resource = dict[str, Any]


class Snapshot:
    """A parsed snapshot."""

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

    def names(self, kind: str) -> list[str]:
        """Return the last parts of the names of one type."""
        return [resource["name"].rpartition("/")[2] for resource in self.of(kind)]


@cache
def read(name: str) -> Snapshot:
    """Return a snapshot of tests/infra/snapshots."""
    return Snapshot(json.loads((FOLDER / f"{name}.snapshot.json").read_text(encoding="utf-8")))
