"""A run's record of a version, made from the version's own files: parameters, metrics, tags."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from functions.scoring.model.manifest import Manifest

_SEGMENTS = ("all_drives", "known_drives", "unseen_drives")
_INTERVAL = "_95"
_BOUNDS = 2


def parameters(manifest: Manifest, evaluation: Mapping[str, Any]) -> dict[str, str]:
    """Return what went into a version: protocol, hyperparameters, features, thresholds, libraries.

    Parameters
    ----------
    evaluation : mapping
        Content of evaluation.json.

    Returns
    -------
    dict of str to str
        The split's days as ``<part>_days``; hyperparameters that a search chose as ``trees/<name>``.
    """
    protocol, search = evaluation["protocol"], evaluation.get("search")
    plain = ("horizon_days", "split", "held_out_drives", "seed", "decision", "thresholds", "intervals")
    found: dict[str, Any] = {name: protocol[name] for name in plain if name in protocol}
    found |= {"version": manifest.version, "algorithm": manifest.algorithm}
    found |= {"candidate": evaluation["candidate"], "refit": evaluation["release"]["refit"]}
    found["features"] = ", ".join(feature.name for feature in manifest.features)
    found["data"] = ", ".join(source["name"] for source in manifest.lineage.get("sources", []))
    for part in ("train", "validation", "test"):
        days = [period[part] for period in protocol["periods"] if part in period]
        found[f"{part}_days"] = "; ".join(f"{first} to {last}" for first, last in days)
    if search:
        found |= {f"trees/{name}": value for name, value in search["chosen"].items()}
    found |= {f"given/{name}": value for name, value in evaluation.get("parameters", {}).items()}
    found |= {f"threshold/{level}": getattr(manifest.thresholds, level) for level in _levels(manifest)}
    found |= {f"library/{name}": version for name, version in manifest.libraries.items()}
    return {name: _text(value) for name, value in found.items()}


def metrics(manifest: Manifest, evaluation: Mapping[str, Any]) -> dict[str, float]:
    """Return the headline figures, and those of every candidate that was tested beside it.

    Returns
    -------
    dict of str to float
        Headline figures by the manifest's names, an interval as ``<name>/low`` and ``<name>/high``;
        ``candidates/<candidate>/<drives or rows>/<figure>`` of all drives, and of ``known_drives`` and
        ``unseen_drives`` with that before. Figures that do not exist, or are not finite, are left out.
    """
    found = dict(_numbers(manifest.metrics))
    for name, figures in evaluation["candidates"].items():
        for segment in _SEGMENTS:
            inside = f"candidates/{name}/" + ("" if segment == "all_drives" else f"{segment}/")
            for unit in ("drives", "rows"):
                found |= _numbers(figures.get(segment, {}).get(unit, {}), f"{inside}{unit}/")
    for name, value in _numbers(evaluation["release"].get("out_of_fold") or {}):
        found[f"release/out_of_fold/{name}"] = value
    return found


def tags(manifest: Manifest, evaluation: Mapping[str, Any]) -> dict[str, str]:
    """Return what a figure needs beside it to be read: split, horizon, prevalence; and the data's digest."""
    protocol, test = evaluation["protocol"], evaluation["protocol"]["parts"]["test"]
    return {
        "version": manifest.version,
        "split": protocol["split"],
        "horizon_days": str(manifest.horizon_days),
        "prevalence": (
            f"{test['failing_drives'] / test['drives']:.4f} per drive, "
            f"{test['positive_rows'] / test['rows']:.6f} per drive-day"
        ),
        "data.sha256": str(manifest.lineage.get("digest", "")),
        "mlflow.note.content": evaluation["summary"],
    }


def _levels(manifest: Manifest) -> list[str]:
    return [
        name for name, value in msgspec.to_builtins(manifest.thresholds).items() if isinstance(value, float)
    ]


def _numbers(value: Any, prefix: str = "") -> Iterator[tuple[str, float]]:
    """Yield every finite number in a document with its path."""
    for name, inside in value.items():
        if isinstance(inside, Mapping):
            yield from _numbers(inside, f"{prefix}{name}/")
        elif isinstance(inside, bool):
            continue
        elif isinstance(inside, int | float) and math.isfinite(inside):
            yield f"{prefix}{name}", float(inside)
        elif isinstance(inside, list) and name.endswith(_INTERVAL) and len(inside) == _BOUNDS:
            yield from _numbers(dict(zip(("low", "high"), inside, strict=True)), f"{prefix}{name}/")


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
