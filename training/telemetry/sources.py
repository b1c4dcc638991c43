"""Where telemetry comes from: the files of the paths a person names, and their digests."""

from __future__ import annotations

import gzip
import hashlib
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import polars as pl

from training.errors import TelemetrySourceError
from training.telemetry.fleet_counts import FleetCounts

SUFFIXES = (".csv", ".csv.gz", ".parquet", ".zip")
"""Endings of telemetry inside a folder; other files there are left alone."""

GZIP_FACTOR = 8
"""Bytes of a day CSV for each byte of it gzipped, about; day CSVs are mostly commas."""


@dataclass(frozen=True)
class TelemetryFile:
    """One table of telemetry: a file, or, where *member* is its name, a member of a zip."""

    path: Path
    member: str | None = None

    @property
    def name(self) -> str:
        """How messages call it: the path as given, and the member in a zip."""
        return str(self.path) if self.member is None else f"{self.path} ({self.member})"

    @property
    def is_parquet(self) -> bool:
        """Whether it is Parquet; otherwise it is CSV, perhaps gzipped."""
        return self.path.name.lower().endswith(".parquet")

    def csv_bytes(self) -> bytes:
        """Return the CSV, unpacked.

        Raises
        ------
        TelemetrySourceError
            When the zip or gzip is damaged or locked with a password.
        """
        with self._unpack() as stream:
            return stream.read()

    def csv_blocks(self, size: int) -> Iterator[bytes]:
        """Yield the CSV, unpacked, in blocks of whole lines; raises as `csv_bytes` does.

        A block has about ``size`` bytes. A line is a record: a quoted line break would be cut apart, and
        telemetry has none.
        """
        with self._unpack() as stream:
            rest = b""
            while block := stream.read(size):
                end = block.rfind(b"\n") + 1
                if end:
                    yield rest + block[:end]
                    rest = block[end:]
                else:
                    rest += block
            if rest:
                yield rest

    def unpacked_bytes(self) -> int:
        """Return about how many bytes the file holds unpacked, without unpacking it."""
        size = self.path.stat().st_size
        if self.member is not None:
            with zipfile.ZipFile(self.path) as archive:
                size = archive.getinfo(self.member).file_size
        name = self.member or self.path.name
        return size * GZIP_FACTOR if name.lower().endswith(".gz") else size

    def first_line(self) -> bytes:
        """Return the CSV's first line, without reading the rest; raises as `csv_bytes` does."""
        with self._unpack() as stream:
            return stream.readline()

    @contextmanager
    def _unpack(self) -> Iterator[IO[bytes]]:
        with ExitStack() as opened:
            try:
                if self.member is None:
                    stream: IO[bytes] = opened.enter_context(self.path.open("rb"))
                else:
                    archive = opened.enter_context(zipfile.ZipFile(self.path))
                    stream = opened.enter_context(archive.open(self.member))
                if stream.peek(2).startswith(b"\x1f\x8b"):  # type: ignore[attr-defined]
                    stream = opened.enter_context(cast(IO[bytes], gzip.GzipFile(fileobj=stream)))
                yield stream
            except (zipfile.BadZipFile, gzip.BadGzipFile, EOFError, zlib.error, RuntimeError) as error:
                raise TelemetrySourceError(f"{self.name} cannot be unpacked: {error}") from error


def find_files(paths: Sequence[str | Path]) -> list[TelemetryFile]:
    """Find every table of telemetry under some paths.

    Parameters
    ----------
    paths : sequence of str or Path
        Day CSVs, ``.csv.gz``, Parquet files, zips of day CSVs, or folders of any of these, nested or not.
        Files that macOS adds (``__MACOSX``, ``._name``, ``.DS_Store``) and other hidden files are ignored.

    Returns
    -------
    list of TelemetryFile
        In the order the paths were given; within a folder or zip by name, so that day files come in order of
        date.

    Raises
    ------
    TelemetrySourceError
        When a path does not exist, is of another kind, or holds no telemetry.
    """
    if not paths:
        raise TelemetrySourceError(
            "no path was given; name a day CSV, a folder or zip of day CSVs, or a Parquet file"
        )
    return [file for path in paths for file in _behind(Path(path))]


def lineage(paths: Sequence[str | Path], frame: pl.DataFrame) -> dict[str, Any]:
    """Describe what a model was trained on, for its manifest.

    Parameters
    ----------
    paths : sequence of str or Path
        The paths given to `training.telemetry.data.read_telemetry`.

    Returns
    -------
    dict
        ``sources`` (per file: name without directories, bytes, sha256), ``digest`` (sha256 over the files'
        digests, in order), ``rows``, ``drives``, ``drive_models``, ``failures`` (drives with a failure row),
        ``failure_rows``, ``first_date``, ``last_date`` (ISO 8601, None for no rows).
    """
    return {**source_files(paths), **FleetCounts.of(frame).document()}


def source_files(paths: Sequence[str | Path]) -> dict[str, Any]:
    """Return the part of the lineage that needs no rows: ``sources`` and ``digest``, see `lineage`."""
    files = dict.fromkeys(file.path for file in find_files(paths))
    sources = [{"name": path.name, "bytes": path.stat().st_size, "sha256": _sha256(path)} for path in files]
    digest = hashlib.sha256("".join(str(source["sha256"]) for source in sources).encode()).hexdigest()
    return {"sources": sources, "digest": digest}


def _behind(path: Path) -> Iterator[TelemetryFile]:
    if not path.exists():
        raise TelemetrySourceError(f"{path} does not exist")
    if path.is_dir():
        inside = sorted(
            file
            for file in path.rglob("*")
            if file.is_file()
            and _is_telemetry(file.relative_to(path).parts)
            and file.name.lower().endswith(SUFFIXES)
        )
        if not inside:
            raise TelemetrySourceError(
                f"{path} holds no telemetry; expected files ending in {', '.join(SUFFIXES)}"
            )
        for file in inside:
            yield from _behind(file)
    elif path.name.lower().endswith(".zip"):
        yield from _members(path)
    elif path.name.lower().endswith(SUFFIXES):
        yield TelemetryFile(path)
    else:
        raise TelemetrySourceError(
            f"{path} is not telemetry; expected a name ending in {', '.join(SUFFIXES)}"
        )


def _members(path: Path) -> Iterator[TelemetryFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = sorted(archive.namelist())
    except zipfile.BadZipFile as error:
        raise TelemetrySourceError(f"{path} is not a zip: {error}") from error
    inside = [
        n for n in names if n.lower().endswith((".csv", ".csv.gz")) and _is_telemetry(tuple(n.split("/")))
    ]
    if not inside:
        raise TelemetrySourceError(f"{path} holds no day CSV ({len(names)} other members)")
    for name in inside:
        yield TelemetryFile(path, name)


def _is_telemetry(parts: tuple[str, ...]) -> bool:
    return not any(part.startswith(".") or part == "__MACOSX" for part in parts)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
