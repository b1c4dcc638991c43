"""Train on telemetry, test forward in time, and register a baseline version and the best as champion.

Reads day CSVs, folders or zips of them, or Parquet; labels, splits, compares the candidates on a later period
that they were not fitted on, and writes the versions that pass the parity gate.
"""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from functions.scoring.manifest import CHAMPION as CHAMPION_ALIAS
from training.errors import SplitError, TrainingError
from training.evaluation.evaluate import Part, Tested, forward_test
from training.evaluation.external import RULE, evaluate_elsewhere
from training.evaluation.leak_evidence import leak_evidence
from training.fitting.candidates import BASELINE, CHAMPION, candidates
from training.fitting.fleet import Fleet, load
from training.fitting.members import TreeSettings
from training.fitting.release import as_tested, refitted
from training.fitting.search import SearchResult, search_trees
from training.fitting.training_rows import drawer
from training.probes import run_probes
from training.protocol.labels import HORIZON_DAYS
from training.reporting.card import card
from training.reporting.record import protocol_record, release_record, search_record, summary
from training.versions.registry import refuse_existing, register, registry_of, write_version
from training.versions.version import CARD_FILE, assemble

_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

COMPARED = (BASELINE, "random_forest", "logistic_changes")
"""Drawn beside the champion."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``train``."""

    def add(name: str, text: str, **options: Any) -> None:
        shown = "" if options.get("default") in (None, []) else " (default: %(default)s)"
        parser.add_argument(name, help=text + shown, **options)

    yes_or_no = argparse.BooleanOptionalAction
    paths = {"type": Path, "nargs": "+", "metavar": "PATH"}
    add("--data", "telemetry: day CSVs, folders or zips of them, Parquet", required=True, **paths)
    add("--version", "version to write, such as v2", type=_version, required=True)
    add("--baseline-version", "baseline version, written unless it exists", type=_version, default="v1")
    add("--also-evaluate", "telemetry of other fleets, scored but never trained on", default=[], **paths)
    add("--models", "folder of model versions", type=Path, default=Path("models"), metavar="DIR")
    add("--seed", "of every random choice", type=int, default=0)
    add(
        "--horizon",
        "how far ahead a failure is forecast",
        type=_horizon,
        default=HORIZON_DAYS,
        metavar="DAYS",
    )
    add("--search", "search the trees' hyperparameters", action=yes_or_no, default=True)
    add(
        "--refit",
        "after the test, fit the same recipe on all labelled days and ship that",
        action=yes_or_no,
        default=True,
    )
    parser.add_argument("--quiet", action="store_true", help="no progress bars")


def run(args: argparse.Namespace) -> int:
    """Train, test and register; return 0."""
    if args.version == args.baseline_version:
        raise TrainingError(f"--version and --baseline-version are both {args.version}; name two versions")
    refuse_existing(args.models, args.version)
    fleet = load(args.data, seed=args.seed, horizon_days=args.horizon, progress=not args.quiet)
    search = _search(fleet, args) if args.search else None
    test = Part.of(fleet.part("test"), fleet.history)
    tested = _forward_tests(fleet, search.chosen if search else TreeSettings(), test, args)
    probes = run_probes(
        leak_evidence(fleet, tested[CHAMPION], tested[RULE], horizon_days=args.horizon, seed=args.seed),
        progress=not args.quiet,
    )
    evaluation: dict[str, Any] = {
        "protocol": protocol_record(fleet, args.horizon, args.seed),
        "candidates": {name: one.figures for name, one in tested.items()},
        "search": search_record(search),
        "probes": [result.document() for result in probes],
    }
    if args.also_evaluate:
        elsewhere = [tested[name] for name in (RULE, BASELINE, "logistic_changes", CHAMPION)]
        evaluation["elsewhere"] = evaluate_elsewhere(
            args.also_evaluate, elsewhere, args.horizon, progress=not args.quiet
        )
    if args.baseline_version in registry_of(args.models).versions:
        Console(stderr=True, highlight=False).print(
            f"{args.baseline_version} is registered already and stays as it is"
        )
    else:
        _write(args, args.baseline_version, tested[BASELINE], [], test, fleet, evaluation)
    others = [tested[name] for name in COMPARED]
    _write(args, args.version, tested[CHAMPION], others, test, fleet, evaluation)
    _print_table(evaluation)
    Console(highlight=False).print(f"{args.version} is registered in {args.models} as {CHAMPION_ALIAS}")
    return 0


def _search(fleet: Fleet, args: argparse.Namespace) -> SearchResult:
    try:
        return search_trees(
            fleet.development(),
            fleet.history,
            seed=args.seed,
            horizon_days=args.horizon,
            progress=not args.quiet,
        )
    except ValueError as error:
        raise SplitError(
            f"the hyperparameters cannot be searched: {error}; or train with --no-search"
        ) from error


def _forward_tests(
    fleet: Fleet, settings: TreeSettings, test: Part, args: argparse.Namespace
) -> dict[str, Tested]:
    validation = Part.of(fleet.part("validation"), fleet.history)
    draw = drawer(fleet.part("train"), fleet.history, args.horizon)
    shown = track(
        candidates(settings),
        "testing candidates",
        console=Console(stderr=True),
        transient=True,
        disable=args.quiet,
    )
    return {one.name: forward_test(one, draw, validation, test, args.seed) for one in shown}


def _write(
    args: argparse.Namespace,
    version: str,
    tested: Tested,
    compared: list[Tested],
    test: Part,
    fleet: Fleet,
    evaluation: dict[str, Any],
) -> None:
    release = (
        refitted(
            tested.candidate,
            fleet.labelled,
            fleet.history,
            seed=args.seed,
            horizon_days=args.horizon,
            progress=not args.quiet,
        )
        if args.refit
        else as_tested(tested, fleet.part("train"))
    )
    own = {
        **evaluation,
        "version": version,
        "candidate": tested.candidate.name,
        "summary": summary(tested, evaluation["protocol"]),
        "release": release_record(release, refit=args.refit),
    }
    manifest, files = assemble(
        version, release, tested, compared, test, fleet.history, own, fleet.lineage, seed=args.seed
    )
    files[CARD_FILE] = card(manifest, own, _command(args)).encode()
    write_version(args.models, manifest, files)
    register(args.models, version, CHAMPION_ALIAS if version == args.version else None)


def _command(args: argparse.Namespace) -> list[str]:
    words = ["python", "-m", "training", "train", "--data", *(path.name for path in args.data)]
    words += ["--version", args.version, "--baseline-version", args.baseline_version]
    if args.also_evaluate:
        words += ["--also-evaluate", *(path.name for path in args.also_evaluate)]
    words += ["--seed", str(args.seed), "--horizon", str(args.horizon)]
    words += [flag for flag, kept in (("--no-search", args.search), ("--no-refit", args.refit)) if not kept]
    return [shlex.quote(word) for word in words]


def _print_table(evaluation: dict[str, Any]) -> None:
    test, horizon = evaluation["protocol"]["parts"]["test"], evaluation["protocol"]["horizon_days"]
    table = Table(
        title=f"forward test, one decision per drive: {test['drives']:,} drives, {test['failing_drives']:,} "
        f"failing within {horizon} days ({test['failing_drives'] / test['drives']:.2%})"
    )
    for heading in ("candidate", "AP", "recall, FPR 0.02 %", "0.1 %", "1 %", "ROC-AUC", "row ECE"):
        table.add_column(heading, justify="left" if heading == "candidate" else "right")
    for figures in evaluation["candidates"].values():
        drives, rows = figures["all_drives"]["drives"], figures["all_drives"]["rows"]
        numbers = [drives["average_precision"], *drives["recall_at_fpr"].values(), drives["roc_auc"]]
        table.add_row(figures["title"], *(f"{number:.3f}" for number in numbers), f"{rows['ece']:.5f}")
    Console(width=120).print(table)


def _version(text: str) -> str:
    if not _VERSION.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no version name; use letters, digits, '.', '_' and '-'"
        )
    return text


def _horizon(text: str) -> int:
    days = int(text)
    if not 1 <= days <= HORIZON_DAYS:
        raise argparse.ArgumentTypeError(f"must be between 1 and {HORIZON_DAYS} days, not {text}")
    return days
