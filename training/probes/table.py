"""Every leak probe by its code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from rich.console import Console
from rich.progress import track

from training.probes import (
    dcl001_time_overlap,
    dcl002_drive_overlap,
    dcl003_label_horizon,
    dcl004_permuted_labels,
    dcl005_identity_features,
    dcl006_random_split,
)
from training.probes.evidence import Evidence
from training.probes.result import LeakError, ProbeResult


class Probe(NamedTuple):
    """A probe and what it looks for, in words."""

    title: str
    run: Callable[[Evidence], ProbeResult]


PROBES: dict[str, Probe] = {
    dcl001_time_overlap.CODE: Probe("time overlap", dcl001_time_overlap.probe),
    dcl002_drive_overlap.CODE: Probe("drive overlap", dcl002_drive_overlap.probe),
    dcl003_label_horizon.CODE: Probe("label horizon beyond the cut", dcl003_label_horizon.probe),
    dcl004_permuted_labels.CODE: Probe("permuted labels", dcl004_permuted_labels.probe),
    dcl005_identity_features.CODE: Probe("identity-only features", dcl005_identity_features.probe),
    dcl006_random_split.CODE: Probe("random-split inflation", dcl006_random_split.probe),
}
"""Codes never change their meaning; a new probe gets a new code."""


def run_probes(
    evidence: Evidence, codes: Sequence[str] | None = None, *, progress: bool = False
) -> list[ProbeResult]:
    """Run the probes, all of them before judging.

    Parameters
    ----------
    codes : sequence of str, optional
        Codes to run; all when not given.

    Returns
    -------
    list of ProbeResult
        None of which fired.

    Raises
    ------
    LeakError
        At least one probe fired; the error carries every result.
    """
    shown = track(
        list(PROBES) if codes is None else codes,
        "looking for leaks",
        console=Console(stderr=True),
        transient=True,
        disable=not progress,
    )
    results = [PROBES[code].run(evidence) for code in shown]
    if any(result.fired for result in results):
        raise LeakError(results)
    return results
