"""The outputs of a telemetry file in a local folder: their names, whether they may be replaced, and writing.

Files that something else has put there are never replaced or deleted. An output is known by its first bytes,
and the set by its summary, which names the source.
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from functions.errors import NO_JSON, DrivecastError
from functions.scoring.csv.rejects import REJECTS_HEADER
from functions.scoring.csv.scored_rows import SCORED_HEADER
from functions.scoring.report.page.render import TITLE
from functions.scoring.telemetry import file_stem

if TYPE_CHECKING:
    from collections.abc import Buffer, Iterator

BEGINNINGS = {
    # The columns between risk and version have changed: what an earlier release wrote may be replaced, too.
    "csv": re.escape(SCORED_HEADER.partition(b"risk,")[0]) + rb"risk,[a-z0-9_,]*model_version\n",
    "rejects.csv": re.escape(REJECTS_HEADER),
    "report.html": rb"<!doctype html>\n.*<title>" + re.escape(TITLE.encode()),
    "summary.json": rb'\{\n  "status": "',
}
"""Pattern of the first bytes of each output, by extension; the summary is written last."""

_LOOKED_AT = 4096
"""Bytes read of a file to know what it is; a page has its title among them."""


class ForeignOutputError(DrivecastError):
    """A file that was not written by this command has the name of an output."""

    code = "foreign_output"
    title = "A file of another kind is in the place of an output"


class _Source(msgspec.Struct):
    name: str


class _Summary(msgspec.Struct):
    source: _Source


class OutputFolder(NamedTuple):
    """The outputs of one source, a file name, in a folder."""

    folder: Path
    source: str

    def targets(self) -> list[Path]:
        """Return the outputs in the order of `BEGINNINGS`."""
        return [self.folder / f"{file_stem(self.source)}.{extension}" for extension in BEGINNINGS]

    def parts(self) -> list[Path]:
        """Return the files that become the outputs when they are complete."""
        return [target.with_name(target.name + ".part") for target in self.targets()]

    def refuse_foreign(self) -> None:
        """Make sure that nothing is replaced but outputs of an earlier run on this source.

        Raises
        ------
        ForeignOutputError
            A file is something else, or the output of another source.
        """
        for path, beginning in [*self._beginnings(self.targets()), *self._beginnings(self.parts())]:
            if not _is_written_here(path, beginning):
                msg = (
                    f"{path} is there already and was not written by this command, so it is not replaced. "
                    "Choose another --output folder, or move that file away."
                )
                raise ForeignOutputError(msg)
        summary = self.targets()[-1]
        if summary.exists() and (other := _source_of(summary)) != self.source:
            msg = (
                f"{summary} is of {other}, not of {self.source}, and is not replaced. Choose another "
                f"--output folder, or delete the outputs of {other}."
            )
            raise ForeignOutputError(msg)

    @staticmethod
    def _beginnings(paths: list[Path]) -> Iterator[tuple[Path, bytes]]:
        return zip(paths, BEGINNINGS.values(), strict=True)


def _is_written_here(path: Path, beginning: bytes) -> bool:
    """Whether nothing is there, or it begins as the output does; a part may be empty after a kill."""
    try:
        with path.open("rb") as file:
            found = file.read(_LOOKED_AT)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return bool(re.match(beginning, found, re.DOTALL)) or (path.suffix == ".part" and not found)


def _source_of(summary: Path) -> str:
    try:
        return msgspec.json.decode(summary.read_bytes(), type=_Summary).source.name
    except NO_JSON:
        return "another source"


class NamedFile(io.FileIO):
    """A file to write whose errors say which it is."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "wb")
        self._path = path

    def write(self, data: Buffer, /) -> int:
        """Write."""
        try:
            return super().write(data)
        except OSError as error:
            error.filename = str(self._path)
            raise


def open_named(path: Path) -> io.BufferedWriter:
    """Open a file to write whose errors name it."""
    return io.BufferedWriter(NamedFile(path))


def write_named(path: Path, data: bytes) -> None:
    """Write a whole file; an error names it."""
    with open_named(path) as file:
        file.write(data)
