"""`python -m functions.score FILES --output DIR`: the batch engine on local files."""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

# Before numpy is imported: its BLAS starts a thread for every core, which spin though there is little to do.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from functions.errors import DiskFullError, DrivecastError, TelemetryFileError
from functions.output_folder import OutputFolder, open_named, write_named
from functions.scoring.csv.blocks import Chunks
from functions.scoring.csv.duplicates import NO_ROOM
from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.history.folder_store import FolderSnapshotStore
from functions.scoring.history.snapshots import source_id
from functions.scoring.model.manifest import CHALLENGER, CHAMPION, Manifest, read_registry
from functions.scoring.model.onnx_model import Model
from functions.scoring.model.scorer import Scorer
from functions.scoring.report.page.render import report_page
from functions.scoring.report.summary import failed_summary, summary_json
from functions.scoring.report.tally import Source, Tally
from functions.scoring.telemetry import FILE_ENDINGS
from functions.settings import APP_ROOT, ESCAPE_FORMULAS, MAX_REJECT_SHARE, SCORE_THREADS
from functions.without_pandas import leave_pandas_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from os import stat_result


_CHUNK_BYTES = 4 << 20
_UP = re.compile(r"up-\d+")

NO_CHALLENGER = "none"
"""Value of `--challenger` for one model alone."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m functions.score",
        description=f"Score telemetry files ({', '.join(FILE_ENDINGS)}) on this machine, in the order given.",
    )
    parser.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILES",
        help="CSVs, or JSON of smartctl",
    )
    parser.add_argument("--output", required=True, type=Path, metavar="DIR", help="folder for the outputs")
    parser.add_argument(
        "--history",
        type=Path,
        metavar="DIR",
        help="folder of history snapshots to join and to add to; that a file has changed is told by its size "
        "and time of change",
    )
    parser.add_argument("--model", default=CHAMPION, help="alias or version (default: champion)")
    parser.add_argument(
        "--challenger",
        metavar="NAME",
        help="alias or version that scores in the shadow: the summary says where it would have answered "
        f"otherwise (default: the alias {CHALLENGER}, if it is set; {NO_CHALLENGER}: no other model)",
    )
    parser.add_argument(
        "--models", type=Path, default=APP_ROOT / "models", metavar="DIR", help="models folder"
    )
    parser.add_argument(
        "--escape-formulas",
        choices=("none", "rejects", "all"),
        default=ESCAPE_FORMULAS.default,
        help="outputs in which text that a spreadsheet takes for a formula gets an apostrophe in front",
    )
    parser.add_argument(
        "--threads", type=int, default=int(SCORE_THREADS.default), help="blocks scored at once"
    )
    return parser


def _challenger(models: Path, name: str | None, champion: str) -> Scorer | None:
    """Load the challenger; None where the alias is not set or its version cannot be loaded.

    Raises
    ------
    ModelError
        A version that was asked for by *name* cannot be loaded.
    """
    if name == NO_CHALLENGER:
        return None
    if name is not None:
        return Scorer(Model.load(models, name))
    version = read_registry(models).aliases.get(CHALLENGER)
    if version in (None, champion):
        return None
    try:
        return Scorer(Model.load(models, CHALLENGER))
    except DrivecastError as error:
        print(f"warning: scoring without the challenger: {error.detail}", file=sys.stderr)
        return None


def _place(path: Path, history: Path) -> str:
    """Return a file's folder, seen from the one that holds the history: the same wherever the command runs.

    Further up is written as ``up-2``, as no part of a snapshot's path may lead out of the history.
    """
    seen = Path(os.path.relpath(path.resolve().parent, history.resolve().parent)).parts
    up = seen.count(os.pardir)
    parts = seen[up:]
    if up or (parts and _UP.fullmatch(parts[0])):
        parts = (f"up-{up}", *parts)
    return "/".join(parts)


def _etag(status: stat_result) -> str:
    return f"{status.st_size:x}-{status.st_mtime_ns:x}"


def _chunks(path: Path, etag: str) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
    if _etag(path.stat()) != etag:
        msg = f"{path} was changed while it was read; score it again when it is complete."
        raise TelemetryFileError(msg)


def score_file(path: Path, output: Path, engine: CsvEngine, history: Path | None, manifest: Manifest) -> str:
    """Score one file; return one line about the outcome.

    Parameters
    ----------
    output : Path
        Folder; gets ``<stem>.csv``, ``<stem>.rejects.csv``, ``<stem>.report.html`` and, last,
        ``<stem>.summary.json``. When the file fails as a whole only the summary is left, which says why.
    history : Path or None
        Folder of snapshots to join and to add to.

    Raises
    ------
    DrivecastError
        The file failed; its summary has been written, unless the file does not exist, an output would replace
        another program's file, or there is no room for it.
    """
    try:
        status = path.stat()
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}."
        raise TelemetryFileError(msg) from None
    source = Source(path.name, _etag(status), status.st_size)
    outputs = OutputFolder(output, path.name)
    outputs.refuse_foreign()
    targets, parts = outputs.targets(), outputs.parts()
    targets[-1].unlink(missing_ok=True)
    store = None
    if history is not None:
        store = FolderSnapshotStore(history, source_id(source.name, source.etag), _place(path, history))
    tally = Tally()
    try:
        with open_named(parts[0]) as scored_file, open_named(parts[1]) as rejects_file:
            document = engine.score(
                Chunks(lambda: _chunks(path, source.etag)), source, scored_file, rejects_file, store, tally
            )
        write_named(parts[2], report_page(source, tally, document, manifest))
        write_named(parts[3], summary_json(document))
        if store is not None:
            store.withdraw_earlier()
        for part, target in zip(parts, targets, strict=True):
            part.replace(target)
    except (DrivecastError, OSError) as error:
        failure = error if isinstance(error, DrivecastError) else _failure(path, error)
        if store is not None and not failure.retryable:
            store.withdraw_earlier()
        for each in (*parts, *targets):
            each.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # a full disk has no room for it
            write_named(parts[3], summary_json(failed_summary(source, failure, manifest.version, tally)))
            parts[3].replace(targets[3])
        raise failure from error
    finally:
        for part in parts:
            part.unlink(missing_ok=True)
    levels = ", ".join(f"{count} {level}" for level, count in document["risk"].items() if count)
    return f"{tally.accepted} scored, {tally.rejected} rejected ({levels or 'no rows'}) -> {targets[0]}"


def _failure(path: Path, error: OSError) -> DrivecastError:
    """Say which file could not be read or written, and whether the disk was full."""
    where = str(error.filename2 or error.filename or path)
    if error.errno in NO_ROOM:
        return DiskFullError("There is no room for an output. Make room, and score the file again.", where)
    return TelemetryFileError(f"{where}: {error.strerror}.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Score files; return 0 when every file was scored and 1 when one failed. Wrong usage exits with 2."""
    parser = _parser()
    options = parser.parse_args(arguments)
    outputs = Counter(
        target.name for path in options.files for target in OutputFolder(options.output, path.name).targets()
    )
    twice = sorted(name for name, count in outputs.items() if count > 1)
    if twice:
        parser.error(
            f"these files would write the same outputs: {', '.join(twice)}; rename them or run them apart"
        )
    inputs = {path.resolve() for path in options.files}
    for path in options.files:
        for target in OutputFolder(options.output, path.name).targets():
            if target.resolve() in inputs:
                parser.error(f"{target} is an input file; choose an --output folder apart from the inputs")
    if options.threads < 1:
        parser.error(f"--threads is {options.threads}; expected 1 or more")
    try:
        options.output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        parser.error(f"--output {options.output} cannot be made: {error.strerror}")
    try:
        scorer = Scorer(Model.load(options.models, options.model))
        challenger = _challenger(options.models, options.challenger, scorer.model.version)
    except DrivecastError as error:
        print(f"error: {error.detail}", file=sys.stderr)
        return 1
    engine = CsvEngine(
        scorer, options.threads, float(MAX_REJECT_SHARE.default), challenger, options.escape_formulas
    )
    failed = False
    for path in options.files:
        try:
            line = score_file(path, options.output, engine, options.history, scorer.model.manifest)
        except DrivecastError as error:
            failed = True
            print(f"{path}: failed: {error}", file=sys.stderr)
        else:
            with contextlib.suppress(BrokenPipeError):
                print(f"{path}: {line}")
    return int(failed)


if __name__ == "__main__":
    leave_pandas_out()
    gc.freeze()  # what has been imported is not gone through again and again, nor at exit
    sys.exit(main())
