"""DCL006: the forward test is easier than a random split, which shows the days around every test row.

Half of the test rows, drawn at random, are added to the training rows; the other half is scored. That is what
a random row split does, and how much better the figure gets is reported as its inflation. A recipe fitted on
the past alone cannot honestly beat the same recipe that was also shown the test's own days.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from training.metrics.bootstrap import bootstrap_values
from training.metrics.curves import average_precision
from training.metrics.decisions import drives_of
from training.probes.evidence import Evidence
from training.probes.result import ProbeResult
from training.protocol.stable_hash import drive_day_hash, unit_interval

CODE = "DCL006"

RESAMPLES = 300
TAIL = 0.995
"""A leak is a lead of the forward test in at least this share of the bootstrap's resamples of drives."""


def probe(evidence: Evidence) -> ProbeResult:
    """Measure the lead of the forward test over a random split, on the same rows and drives."""
    test = evidence.test
    shown = (
        unit_interval(drive_day_hash(test["serial_number"], test["date"], evidence.seed, "DCL006")) < 1 / 2
    )
    kept = test.filter(pl.Series(~shown))
    train = pl.concat([evidence.train, test.filter(pl.Series(shown))])
    forward = drives_of(kept, evidence.test_score[~shown])
    random = drives_of(kept, evidence.fit_and_score(train, kept))
    found = [average_precision(drives.label, drives.score) for drives in (forward, random)]
    leads = np.subtract(
        *(
            bootstrap_values(drives, resamples=RESAMPLES, seed=evidence.seed)["average_precision"]
            for drives in (forward, random)
        )
    )
    leads = leads[np.isfinite(leads)]
    lowest = float(np.quantile(leads, 1 - TAIL)) if leads.size else 0.0
    message = (
        f"a random row split gives an average precision per drive of {found[1]:.4f} where the forward test "
        f"gives "
        f"{found[0]:.4f}, on the same {forward.table.height:,} drives (prevalence {forward.prevalence:.4f}): "
        f"inflation {found[1] - found[0]:+.4f}"
    )
    if lowest > 0:
        message += "; the forward test is the easier one, so it has seen the test rows itself"
    return ProbeResult(CODE, lowest > 0, lowest, 0.0, message)
