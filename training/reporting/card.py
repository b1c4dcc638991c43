"""``card.md``: what a version is, what it was made of and how far it can be trusted, for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from functions.scoring.model.manifest import Manifest
from training.reporting.card_tables import (
    candidates_table,
    decisions_table,
    elsewhere_table,
    search_table,
    seeds_table,
    thresholds_table,
    unseen_table,
)
from training.reporting.scope_tables import scope_sections, window_sections

BACKBLAZE = (
    "Source: Backblaze Drive Stats (Hard Drive Test Data, backblaze.com). Backblaze's terms: free to use for "
    "your own purpose; cite Backblaze as the source; you are responsible for how you use it; do not sell the "
    "data itself. The data is not part of this repository."
)
"""Due wherever Backblaze's telemetry was used; other telemetry has its own terms."""

_PICKLE = (
    "`pipeline.joblib` holds the same model for scikit-learn, for comparison only. The app never "
    "loads it and it is not deployed, because reading a pickle runs code."
)


def card(manifest: Manifest, evaluation: dict[str, Any], command: Sequence[str]) -> str:
    """Write the card.

    Parameters
    ----------
    evaluation : dict
        Content of evaluation.json.
    command : sequence of str
        How to make the version again, paths without directories.
    """
    attributes = sorted({feature.attribute for feature in manifest.features})
    libraries = ", ".join(f"{name} {version}" for name, version in manifest.libraries.items())
    listed = ", ".join(map(str, attributes))
    what = (
        f"The probability that a drive fails within {manifest.horizon_days} days after the day of its "
        f"telemetry, from {len(manifest.features)} features made of SMART attributes {listed}. "
        "It is a calibrated sum in log-odds, so every forecast can be explained exactly."
    )
    again = (
        "The same data, seed and library versions give the same bytes of `model.onnx` and `explainer.npz`; "
        f"figures may differ in their last digit. Libraries: {libraries}."
    )
    sections = [
        f"# Model {manifest.title}",
        what,
        f"How it is made: {manifest.algorithm}.",
        "## Data",
        _data(manifest.lineage),
        "## Protocol",
        _protocol(evaluation["protocol"]),
        "## Results",
        evaluation["summary"],
        candidates_table(evaluation),
        *seeds_table(evaluation),
        *scope_sections(evaluation),
        *window_sections(evaluation),
        "## Decisions on the test period",
        decisions_table(evaluation),
        "## The shipped model",
        evaluation["release"]["note"],
        thresholds_table(manifest.thresholds),
        *_elsewhere(evaluation),
        "## Hyperparameters",
        search_table(evaluation["search"]),
        "## Limits",
        _limits(manifest, evaluation),
        "## Make it again",
        f"```\n{' '.join(command)}\n```",
        again,
        _PICKLE,
    ]
    return "\n\n".join(sections) + "\n"


def _bullets(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _data(lineage: dict[str, Any]) -> str:
    fleets = [lineage, *lineage.get("beside", [])]
    files = [
        f"`{one['name']}`, {one['bytes']:,} bytes, sha256 `{one['sha256']}`"
        for fleet in fleets
        for one in fleet["sources"]
    ]
    extent = (
        f"{lineage['rows']:,} drive-days of {lineage['drives']:,} drives ({lineage['drive_models']} drive "
        f"models), {lineage['first_date']} to {lineage['last_date']}; {lineage['failures']:,} drives failed."
    )
    return f"{extent}\n\n{_bullets(files)}\n\n{BACKBLAZE}"


def _protocol(protocol: dict[str, Any]) -> str:
    horizon = protocol["horizon_days"]
    budgets = ", ".join(f"{level} {budget:g}" for level, budget in protocol["budgets"].items())
    label = (
        f"A drive-day is positive when the drive fails within the next {horizon} days, negative when it is "
        "seen alive after them, and left out otherwise. The day of the failure itself is left out."
    )
    lines = [
        label,
        f"Split: {protocol['split']}. {protocol['held_out_drives']:.0%} of the drives are never trained on.",
        f"Decision: {protocol['decision']}. Prevalence: {protocol['prevalence']}.",
        f"Thresholds: {protocol['thresholds']}: {budgets}.",
    ]
    for period in protocol["periods"]:
        days = "; ".join(f"{name} {first} to {last}" for name, (first, last) in period.items())
        lines.append(f"Days: {days}.")
    lines += [
        f"The linear member alone learns from more, a row weighing {extra['weight']:g}: `{extra['name']}`, "
        f"{extra['days'][0]} to {extra['days'][1]}, {extra['rows']:,} drive-days of "
        f"{extra['drives']:,} drives, {extra['failing_drives']:,} of which fail."
        for extra in protocol.get("beside", [])
    ]
    for name, part in protocol["parts"].items():
        share = part["failing_drives"] / part["drives"]
        counts = f"{part['rows']:,} drive-days, {part['drives']:,} drives"
        lines.append(
            f"{name.capitalize()}: {counts}, {part['failing_drives']:,} of which fail ({share:.2%})."
        )
    return _bullets(lines)


def _elsewhere(evaluation: dict[str, Any]) -> list[str]:
    other = evaluation.get("elsewhere")
    if not other:
        return []
    lineage = other["lineage"]
    described = (
        f"{lineage['drives']:,} drives, {lineage['first_date']} to {lineage['last_date']}, every "
        f'labelled day, {other["how"]}; horizon and decision as above. "Found" is the number of '
        'failing drives among as many drives as the rule "any above zero" flags.'
    )
    return ["## Drive models it never saw", described, unseen_table(other), elsewhere_table(other)]


def _limits(manifest: Manifest, evaluation: dict[str, Any]) -> str:
    failing = evaluation["protocol"]["parts"]["test"]["failing_drives"]
    return (
        f"- The test period has {failing} failing drives: the intervals in the table are wide, and the "
        "better candidates differ by less than that.\n"
        "- Features, row weights and the blend were developed on the same stretch of telemetry. The "
        "test period was not fitted on before its figures were taken, but it is not untouched; only later "
        "data is.\n"
        "- Many drives fail without a sign in these attributes; no threshold finds them.\n"
        "- A drive counts as failed also when it was pulled because of its SMART values, so recall on these "
        "attributes is optimistic.\n"
        f"{_limits_of_scopes(manifest)}"
        "- Without history the changes are missing and the forecast rests on the state alone: see the column "
        '"AP, no history".'
    )


def _limits_of_scopes(manifest: Manifest) -> str:
    """Say how far probabilities can be trusted, and those of drives of other models."""
    bands = (
        "- Expected and seen failures agree over all drive-days with a counter above 0 together. The bands "
        "show where, among them, probabilities are too low and where too high.\n"
    )
    if manifest.similar is None:
        return bands + (
            "- Probabilities are calibrated on the fleet above. On other drive models the order holds better "
            "than the probability: they are answered as if they were of it, and no number of failures is "
            "expected of them.\n"
        )
    return bands + (
        "- Drives of other models have a calibration of their own, learned on the other fleets above: other "
        "vendors, other years, other losses. Their levels begin at the probabilities of the drives trained "
        "on. It makes the sums agree, of drives with and without a sign; see the bands for where single "
        "probabilities are too high. On a fleet unlike these the order holds "
        "better than the probability. How often drives without a sign fail changes most from fleet to fleet "
        "and from year to year.\n"
        "- The scores they were learned from are of models that knew neither the drive nor later days of its "
        "fleet. The trees know later days, those of the fleet above, whose drive models are not among them.\n"
        "- Solid-state drives, and drives that report neither SMART 197 nor 198, get no probability.\n"
    )
