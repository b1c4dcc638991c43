"""One training run from telemetry to a registered version, for every command that needs one."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from functions.scoring.model.manifest import Manifest, read_manifest
from training.errors import SplitError, TrainingError
from training.fitting.candidates import BASELINE, CHAMPION, Candidate, candidates
from training.fitting.fleet import Fleet, load
from training.fitting.fleet_draws import fleet_draws
from training.fitting.members import INVERSE_REGULARISATION, LINEAR_SHARE, MEMBERS, TreeSettings
from training.fitting.training_rows import CLEAN_RATE, NEARNESS_DAYS, WORN_RATE, Draws
from training.metrics.decisions import drives_of
from training.metrics.drive_scores import DriveScores
from training.options import Options
from training.probes import run_probes
from training.probes.collect import leak_evidence
from training.reporting.card import card
from training.reporting.record import protocol_record, release_record, search_record, summary
from training.selection.forward_test import Part, Tested, forward_test
from training.selection.other_fleets import RULE, evaluate_elsewhere
from training.selection.release import Release, as_tested, refit
from training.selection.scopes import Scopes, describe_scopes
from training.selection.search import SearchResult, search_trees
from training.selection.seeds import over_seeds
from training.versions.assemble import CARD_FILE, assemble
from training.versions.earlier import earlier_version
from training.versions.folder_registry import refuse_existing, register, registry_of, write_version

COMPARED = (BASELINE, "random_forest", "logistic_changes")
"""Drawn beside the champion."""


@dataclass(frozen=True)
class Trained:
    """The results of a training run.

    Attributes
    ----------
    folder : Path
        The version's folder: model.onnx, manifest.json, evaluation.json, evaluation.html, card.md and others.
    manifest : Manifest
        As it was written.
    evaluation : dict
        Content of evaluation.json; ``evaluation["candidates"][evaluation["candidate"]]`` are the figures of
        the forward test.
    scores : DriveScores
        The score of every drive of the test part in the forward test, for `paired_differences`.
    parameters : dict of str to int, float, str or bool
        Options and hyperparameters, flat.
    figures : tuple of Path
        The PNG files, within the folder.
    data_digest : str
        sha256 over the digests of the files trained on.
    test : Part
        Every row of the test part.
    retest : callable
        Forward-tests another candidate on the same split.
    """

    version: str
    folder: Path
    manifest: Manifest
    evaluation: dict[str, Any]
    scores: DriveScores
    parameters: dict[str, int | float | str | bool]
    figures: tuple[Path, ...]
    data_digest: str
    test: Part
    retest: Callable[[Candidate], Tested]


def train(options: Options) -> Trained:
    """Do everything the command ``train`` does: read, split, test, refit, write and register.

    Returns
    -------
    Trained
        For tracking and for decisions; the files are on disk and the alias is set.

    Raises
    ------
    functions.errors.DrivecastError
        The telemetry cannot be read or split, a leak probe fired, the version exists, or ONNX Runtime does
        not say what scikit-learn says. No version is written then.
    """
    refuse_existing(options.models, options.version)
    earlier = None if options.compare_with is None else earlier_version(options.models, options.compare_with)
    for path, _ in options.extra_data:
        if path in (*options.data, *options.also_evaluate):
            raise TrainingError(
                f"{path} is named under --extra-data and under --data or --also-evaluate; "
                "a fleet is one of these"
            )
    progress = not options.quiet
    fleet = load(
        options.data,
        seed=options.seed,
        horizon_days=options.horizon,
        extra=options.extra_data,
        progress=progress,
    )
    search = _search(fleet, options) if options.search else None
    settings = search.chosen if search else TreeSettings()
    test = Part(fleet.part("test"), fleet.values)
    tested = _forward_tests(fleet, settings, test, options)
    evidence = leak_evidence(fleet, tested[CHAMPION], tested[RULE], seed=options.seed)
    probes = run_probes(evidence, progress=progress)
    evaluation: dict[str, Any] = {
        "protocol": protocol_record(fleet, options.seed),
        "candidates": {name: one.figures for name, one in tested.items()},
        "search": search_record(search),
        "probes": [result.document() for result in probes],
        "parameters": _parameters(options, settings),
    }
    if options.also_evaluate:
        elsewhere = [tested[name] for name in (RULE, BASELINE, "logistic_changes", CHAMPION)]
        evaluation["elsewhere"] = evaluate_elsewhere(
            options.also_evaluate, elsewhere, fleet, seed=options.seed, progress=progress
        )
    if options.baseline_version is None:
        pass
    elif options.baseline_version in registry_of(options.models).versions:
        Console(stderr=True, highlight=False).print(
            f"{options.baseline_version} is registered already and stays as it is"
        )
    else:
        release = _release(tested[BASELINE], fleet, options)
        alone = describe_scopes(
            options.baseline_version, tested[BASELINE].candidate, release, fleet, None, options.seed
        )
        _write(options, options.baseline_version, tested[BASELINE], [], test, fleet, evaluation, alone)
    others = [tested[name] for name in COMPARED]
    release = _release(tested[CHAMPION], fleet, options)
    scopes = describe_scopes(
        options.version, tested[CHAMPION].candidate, release, fleet, earlier, options.seed
    )
    folder, own = _write(options, options.version, tested[CHAMPION], others, test, fleet, evaluation, scopes)
    return Trained(
        version=options.version,
        folder=folder,
        manifest=read_manifest(folder),
        evaluation=own,
        scores=DriveScores.of(drives_of(test.frame, tested[CHAMPION].probability)),
        parameters=_parameters(options, settings),
        figures=tuple(sorted((folder / "figures").glob("*.png"))),
        data_digest=fleet.data_digest,
        test=test,
        retest=partial(_forward_test, fleet, test, options),
    )


def _search(fleet: Fleet, options: Options) -> SearchResult:
    try:
        return search_trees(
            fleet.development(),
            fleet.values,
            seed=options.seed,
            horizon_days=options.horizon,
            progress=not options.quiet,
        )
    except ValueError as error:
        raise SplitError(
            f"the hyperparameters cannot be searched: {error}; or train with --no-search"
        ) from error


def _forward_test(fleet: Fleet, test: Part, options: Options, candidate: Candidate) -> Tested:
    validation, draws = _validation_and_draws(fleet)
    return forward_test(candidate, draws, validation, test, horizon_days=options.horizon, seed=options.seed)


def _validation_and_draws(fleet: Fleet) -> tuple[Part, Draws]:
    draws = fleet_draws(fleet, fleet.part("train"), fleet.known_before)
    return Part(fleet.part("validation"), fleet.values), draws


def _forward_tests(fleet: Fleet, settings: TreeSettings, test: Part, options: Options) -> dict[str, Tested]:
    validation, draws = _validation_and_draws(fleet)
    every = candidates(settings, pooled=bool(fleet.extra))
    console = Console(stderr=True)
    shown = track(every, "testing candidates", console=console, transient=True, disable=options.quiet)
    tested = {
        one.name: forward_test(one, draws, validation, test, horizon_days=options.horizon, seed=options.seed)
        for one in shown
    }
    others = track(
        range(options.seed + 1, options.seed + options.seeds),
        "testing with other seeds",
        console=console,
        transient=True,
        disable=options.quiet,
    )
    over_seeds(tested, draws, validation, test, options.seed, others)
    return tested


def _write(
    options: Options,
    version: str,
    tested: Tested,
    compared: list[Tested],
    test: Part,
    fleet: Fleet,
    evaluation: dict[str, Any],
    scopes: Scopes,
) -> tuple[Path, dict[str, Any]]:
    own = {
        **evaluation,
        "version": version,
        "candidate": tested.candidate.name,
        "summary": summary(tested, evaluation["protocol"]),
        "release": release_record(scopes.release, fleet, refit=options.refit),
        "quality": scopes.quality,
        "windows": scopes.windows,
    }
    manifest, files = assemble(
        version, scopes, tested, compared, test, fleet.values, own, fleet.lineage, seed=options.seed
    )
    files[CARD_FILE] = card(manifest, own, _command(options)).encode()
    folder = write_version(options.models, manifest, files)
    register(options.models, version, options.alias if version == options.version else None)
    return folder, own


def _release(tested: Tested, fleet: Fleet, options: Options) -> Release:
    if not options.refit:
        return as_tested(tested, fleet.part("train"))
    return refit(tested.candidate, fleet, seed=options.seed, progress=not options.quiet)


def _command(options: Options) -> list[str]:
    words = ["python", "-m", "training", "train", "--data", *(path.name for path in options.data)]
    if options.extra_data:
        words += ["--extra-data", *(f"{path.name}={weight:g}" for path, weight in options.extra_data)]
    words += ["--version", options.version]
    if options.baseline_version is not None:
        words += ["--baseline-version", options.baseline_version]
    if options.compare_with is not None:
        words += ["--compare-with", options.compare_with]
    if options.also_evaluate:
        words += ["--also-evaluate", *(path.name for path in options.also_evaluate)]
    words += ["--seed", str(options.seed), "--seeds", str(options.seeds), "--horizon", str(options.horizon)]
    flags = (("--no-search", options.search), ("--no-refit", options.refit))
    words += [flag for flag, kept in flags if not kept]
    return [shlex.quote(word) for word in words]


def _parameters(options: Options, settings: TreeSettings) -> dict[str, int | float | str | bool]:
    return {
        "data": " ".join(path.name for path in options.data),
        "beside": " ".join(f"{path.name}={weight:g}" for path, weight in options.extra_data),
        "seed": options.seed,
        "seeds": options.seeds,
        "horizon_days": options.horizon,
        "search": options.search,
        "refit": options.refit,
        "members": MEMBERS,
        "linear_share": LINEAR_SHARE,
        "inverse_regularisation": INVERSE_REGULARISATION,
        "worn_rate": WORN_RATE,
        "clean_rate": CLEAN_RATE,
        "nearness_days": NEARNESS_DAYS,
        **settings._asdict(),
    }
