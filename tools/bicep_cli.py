"""Microsoft's Bicep CLI: the one version that checks and deploys, where it is, and how it is run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

VERSION = "0.49.2"
"""The version that checks here and in ci.yml, and deploys in deploy.yml (BICEP_VERSION there)."""

UNPACK = Path(__file__).resolve().parents[2] / "shared" / "tools" / "bicep" / "unpack"
"""Prints the path of the same version where it lies beside the project."""

ENVIRONMENT = {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1", "DOTNET_TieredPGO": "0"}
"""Without the first .NET looks for ICU, and ends where there is none; the second saves a quarter of a start's time."""


def find(say: Callable[[str], None], unpack: Path = UNPACK) -> str | None:
    """Return the Bicep CLI of the pinned version; None when there is none.

    Parameters
    ----------
    say : callable
        Is told of a version that is there and not used.
    unpack : Path
        Asked for one when there is none on PATH.
    """
    found = shutil.which("bicep")
    if found and (version := _version(found)) != VERSION:
        say(f"bicep: {found} is {version}, not used; expected {VERSION} (az bicep install --version v{VERSION})")
        found = None
    if found is None and unpack.is_file():
        found = subprocess.run([unpack], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603
    return found


def run(
    bicep: str, arguments: Sequence[str | Path], folder: Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the Bicep CLI in a folder and collect what it writes."""
    return subprocess.run(  # noqa: S603
        [bicep, *map(str, arguments)],
        cwd=folder,
        env={**os.environ, **ENVIRONMENT, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def _version(bicep: str) -> str:
    said = run(bicep, ["--version"], Path.cwd()).stdout
    words = re.search(r"\d+\.\d+\.\d+", said)
    return words[0] if words else f"of no version ({said.strip()[:60]!r})"
