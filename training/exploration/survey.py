"""Every figure of the report, from one pass over the telemetry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from functions.scoring.smart import ATTRIBUTES
from training.exploration.balance import Balance, PeriodBalance
from training.exploration.correlation import Correlation
from training.exploration.failure_rates import FailureRate, FailureRates
from training.exploration.histograms import Histograms, ValueHistogram
from training.exploration.missing import Missing
from training.exploration.part import DataPart
from training.protocol.labelled_shards import labelled_shards
from training.telemetry.data import ReadReport, chosen_attributes
from training.telemetry.fleet_counts import FleetCounts
from training.telemetry.shards import open_shards
from training.telemetry.sources import find_files, source_files


@dataclass(frozen=True)
class Survey:
    """The figures of some telemetry.

    Attributes
    ----------
    attributes : tuple of int
        Of the attributes Drivecast understands, those with a column in any file; k of them.
    others : int
        Number of attributes with a column that are not among them.
    lineage : dict
        As `training.telemetry.sources.lineage` returns it.
    missing : (k, periods) array of float64
        Share of drive-days without a value.
    correlation : (k + 1, k + 1) array of float64
        See `training.exploration.correlation`.
    """

    attributes: tuple[int, ...]
    others: int
    lineage: dict[str, Any]
    read: ReadReport
    periods: list[PeriodBalance]
    missing: npt.NDArray[np.float64]
    histograms: list[ValueHistogram]
    correlation: npt.NDArray[np.float64]
    by_model: list[FailureRate]
    by_age: list[FailureRate]


def survey(paths: Sequence[str | Path], progress: bool = True) -> Survey:
    """Look at telemetry of any amount.

    Parameters
    ----------
    paths : sequence of str or Path
        As for `training.telemetry.data.read_telemetry`.

    Raises
    ------
    TelemetrySourceError
        As for `training.telemetry.data.read_telemetry`.
    """
    there = chosen_attributes(find_files(paths), None)
    attributes = [attribute for attribute in there if attribute in ATTRIBUTES]
    balance, missing, rates = Balance(), Missing(), FailureRates()
    histograms, correlation = Histograms(attributes), Correlation(len(attributes))
    counts = FleetCounts()
    with open_shards(paths, attributes, progress=progress) as fleet:
        for shard in labelled_shards(fleet):
            counts += FleetCounts.of(shard.frame)
            part = DataPart.of(shard, attributes)
            for figure in (balance, missing, histograms, correlation, rates):
                figure.add(part)
        read, days = fleet.report, fleet.days
    periods = balance.periods(days)
    shares = [missing.counts[number] / period.drive_days for number, period in enumerate(periods)]
    return Survey(
        attributes=tuple(attributes),
        others=len(there) - len(attributes),
        lineage={**source_files(paths), **counts.document()},
        read=read,
        periods=periods,
        missing=np.array(shares).reshape(len(periods), len(attributes)).T,
        histograms=histograms.all(),
        correlation=correlation.matrix(),
        by_model=rates.by_model(),
        by_age=rates.by_age(),
    )
