"""The name of the next version."""

from __future__ import annotations

import re
from pathlib import Path

from training.versions.folder_registry import registry_of

_NUMBERED = re.compile(r"v(\d+)")


def next_version(*folders: Path) -> str:
    """Return ``v<n>``, one above the highest number in any of some models folders.

    Folders that no registry lists count too: a run that was killed may have left one, and a version that lost
    keeps its name.
    """
    names = {name for folder in folders for name in registry_of(folder).versions}
    names |= {path.name for folder in folders if folder.is_dir() for path in folder.iterdir()}
    numbers = [int(found[1]) for name in names if (found := _NUMBERED.fullmatch(name))]
    return f"v{max(numbers, default=0) + 1}"
