"""Packs collector/ into one file that Python runs: `make collector`. The same sources give the same bytes."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = "collector"
PACKED = ROOT / "dist" / "drivecast-collect.pyz"

SHEBANG = b"#!/usr/bin/env python3\n"
EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The zip format knows no earlier time; a real one would make each packing another file."""


def pack(source: Path) -> bytes:
    """Return the zipapp of a package's folder."""
    content = BytesIO()
    content.write(SHEBANG)
    # Not compressed: zlib's bytes differ from release to release.
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        _add(archive, "__main__.py", source / "__main__.py")
        for path in sorted(source.rglob("*.py")):
            _add(archive, f"{PACKAGE}/{path.relative_to(source).as_posix()}", path)
    return content.getvalue()


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> None:
    entry = zipfile.ZipInfo(name, EARLIEST)
    entry.create_system = 3  # Unix, wherever it is packed
    entry.external_attr = 0o100644 << 16
    archive.writestr(entry, path.read_bytes().replace(b"\r\n", b"\n"))


def main() -> None:
    """Write the packed file, and the unit files beside it; print its place and digest."""
    content = pack(ROOT / PACKAGE)
    PACKED.parent.mkdir(exist_ok=True)
    PACKED.write_bytes(content)
    PACKED.chmod(0o755)
    for path in sorted((ROOT / PACKAGE / "systemd").iterdir()):
        shutil.copyfile(path, PACKED.parent / path.name)
    print(f"{PACKED.relative_to(ROOT)}: {len(content):,} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
