"""The package: every file of a folder but those in .funcignore, and the time of packing.

The same files, packed at the same time, are the same bytes.
"""

from __future__ import annotations

import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pathspec

from functions.version import PACKED
from ops.errors import OpsError

IGNORE_FILE = ".funcignore"
NEEDED = ("function_app.py", "host.json", "requirements.txt", "models/registry.json")
"""Without one of these there is no app, or none that answers."""

NEVER = (".azure/", ".env", "local.settings.json", ".git", f"/{PACKED}")
"""Never packed, at any depth, whatever an ignore file says: values of environments, keys, the time of another
packing, and `.git`, a file in a worktree. The ignore file of an earlier commit, which `ops restore` packs,
lacks some of them."""

LARGEST_BYTES = 200_000_000
"""Of the files together. Code and two models are a few megabytes; more is a folder that was not meant."""

_MOMENT = (1980, 1, 1, 0, 0, 0)
"""The earliest a zip knows: a file's own time would change the package, not the app."""


def files(folder: Path) -> list[str]:
    """List the files to deploy: paths in the folder, with slashes, sorted.

    Raises
    ------
    OpsError
        The folder is not the project's, or holds a symbolic link that would be deployed.
    """
    try:
        patterns = (folder / IGNORE_FILE).read_text(encoding="utf-8").splitlines()
    except OSError:
        raise OpsError(f"there is no {IGNORE_FILE} in {folder}: name the project's folder") from None
    ignored = pathspec.GitIgnoreSpec.from_lines([*patterns, *NEVER])
    found: list[str] = []
    for where, folders, names in os.walk(folder):
        here = Path(where).relative_to(folder)
        # Not entered at all: .venv and node_modules alone have tens of thousands of files.
        folders[:] = [name for name in folders if not ignored.match_file(f"{(here / name).as_posix()}/")]
        paths = [(here / name).as_posix() for name in [*names, *folders]]
        found += [path for path in paths if not (folder / path).is_dir() and not ignored.match_file(path)]
        if links := [path for path in paths if (folder / path).is_symlink() and not ignored.match_file(path)]:
            raise OpsError(f"{links[0]} in {folder} is a symbolic link, which a package does not hold")
    if missing := [name for name in NEEDED if name not in found]:
        raise OpsError(f"{', '.join(missing)} would not be in the package of {folder}; see {IGNORE_FILE}")
    return sorted(found)


def write(folder: Path, target: Path, packed: datetime) -> list[str]:
    """Write the package.

    Raises
    ------
    OpsError
        As of `files`; or the files are larger than an app of this project can be.
    """
    names = files(folder)
    size = sum((folder / name).stat().st_size for name in names)
    if size > LARGEST_BYTES:
        raise OpsError(
            f"the package would hold {size / 1e6:,.0f} MB, expected at most {LARGEST_BYTES / 1e6:,.0f}: "
            f"something in {folder} is missing from {IGNORE_FILE}"
        )
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as package:
        for name in names:
            _add(package, name, (folder / name).read_bytes())
        _add(package, PACKED, f"{packed.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}\n".encode())
    return names


def _add(package: zipfile.ZipFile, name: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(name, _MOMENT)
    entry.compress_type = zipfile.ZIP_DEFLATED
    # A regular file that all may read: the app does not run as who unpacks it.
    entry.external_attr = 0o100644 << 16
    package.writestr(entry, data)
