"""Train anew and decide: the new version becomes the challenger only if it is better than the champion.

Better means on the same forward test, beyond chance: the 95 % interval of the difference in average precision
per drive lies above 0. Exits with 0 whatever is decided, unless --exit-code is given; decision.json says
which.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from functions.scoring.model.manifest import CHALLENGER, CHAMPION, MANIFEST_FILE, read_registry
from functions.scoring.model.onnx_model import Model
from training.backtesting.report import console
from training.challenge.decision import DECISION_FILE, decide
from training.challenge.incumbent import incumbent
from training.challenge.next_version import next_version
from training.challenge.report import show
from training.commands.train import seeds_count, version_name, weighted_path
from training.errors import TrainingError
from training.options import Options
from training.reporting.evaluation_file import Evaluated
from training.run import Trained, train
from training.tracking.run import track_or_say
from training.versions.folder_registry import refuse_existing, register, write_version

EXIT_KEPT = 3
"""With --exit-code: the champion stays."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``retrain``."""
    yes_or_no = argparse.BooleanOptionalAction
    parser.add_argument(
        "--data",
        type=Path,
        nargs="+",
        required=True,
        metavar="PATH",
        help="telemetry: day CSVs, folders or zips of them, Parquet",
    )
    parser.add_argument(
        "--models",
        type=Path,
        default=Path("models"),
        metavar="DIR",
        help="folder of model versions, with a champion (default: %(default)s)",
    )
    parser.add_argument(
        "--version", type=version_name, help="version to write (default: the next free number, such as v3)"
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("retrain-output"),
        metavar="DIR",
        help="folder for the trained version, registered or not (default: %(default)s)",
    )
    parser.add_argument(
        "--extra-data",
        type=weighted_path,
        nargs="+",
        default=[],
        metavar="PATH=WEIGHT",
        help="telemetry of another fleet to train on too, each of its rows weighing WEIGHT",
    )
    parser.add_argument("--seed", type=int, default=0, help="of every random choice (default: %(default)s)")
    parser.add_argument(
        "--seeds",
        type=seeds_count,
        default=5,
        help="how many seeds the forward test is repeated with (default: %(default)s)",
    )
    parser.add_argument(
        "--search", action=yes_or_no, default=True, help="search the trees' hyperparameters (default: yes)"
    )
    parser.add_argument(
        "--refit",
        action=yes_or_no,
        default=True,
        help="after the test, fit the same recipe on all labelled days and ship that (default: yes)",
    )
    parser.add_argument(
        "--tracking", action=yes_or_no, default=True, help="record the run in MLflow (default: yes)"
    )
    parser.add_argument(
        "--exit-code", action="store_true", help=f"exit with {EXIT_KEPT} when the champion stays"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress bars")


def run(args: argparse.Namespace) -> int:
    """Train, compare, decide; return 0, or `EXIT_KEPT` where that was asked for."""
    version, champion = _check(args)
    trained = train(
        Options(
            data=tuple(args.data),
            version=version,
            baseline_version=None,
            models=args.output,
            alias=None,
            extra_data=tuple(args.extra_data),
            seed=args.seed,
            seeds=args.seeds,
            horizon=champion.manifest.horizon_days,
            search=args.search,
            refit=args.refit,
            quiet=args.quiet,
        )
    )
    new = Evaluated(trained.folder, trained.manifest, trained.evaluation)
    compared = incumbent(args.models, champion.version, new, trained.test, trained.retest)
    decision = decide(version, trained.scores, compared, seed=args.seed)
    protocol = trained.evaluation["protocol"]
    document = msgspec.json.encode(decision.document(protocol, trained.data_digest), order="sorted")
    content = msgspec.json.format(document, indent=2) + b"\n"
    folder = _register(args.models, trained, content) if decision.better else trained.folder
    kept = args.output / f"{version}.{DECISION_FILE}"
    kept.write_bytes(content)
    out = console()
    show(out, decision, protocol)
    out.print(f"Evaluation in {trained.folder}, decision in {kept}", soft_wrap=True, markup=False)
    if args.tracking:
        track_or_say(folder, {"decision": CHALLENGER if decision.better else "champion stays"})
    return EXIT_KEPT if args.exit_code and not decision.better else 0


def _check(args: argparse.Namespace) -> tuple[str, Model]:
    """Return the new version's name and the champion, before hours of work are spent."""
    registry = read_registry(args.models)
    if CHAMPION not in registry.aliases:
        raise TrainingError(
            f"{args.models} has no champion to compare with; `python -m training train` makes the first, "
            "`python -m training promote` names one"
        )
    if args.output.resolve() == args.models.resolve():
        raise TrainingError(
            f"--output {args.output} is the folder of --models; name another, for versions that may lose"
        )
    if args.output.exists() and not args.output.is_dir():
        raise TrainingError(f"--output {args.output} is a file; name a folder")
    version = args.version or next_version(args.models, args.output)
    refuse_existing(args.models, version)
    return version, Model.load(args.models, registry.aliases[CHAMPION])


def _register(models: Path, trained: Trained, decision: bytes) -> Path:
    """Write the new version into the models folder, with its decision, and register it as challenger.

    Either step is one rename: killed before the second, the registry is as it was and the version is in
    nobody's way.
    """
    files = {
        path.relative_to(trained.folder).as_posix(): path.read_bytes()
        for path in sorted(trained.folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST_FILE
    }
    folder = write_version(models, trained.manifest, {**files, DECISION_FILE: decision})
    register(models, trained.version, CHALLENGER)
    return folder
