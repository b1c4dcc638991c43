"""A drive that reports 198 and not 197 is shown to the model alike in training and in serving."""

from __future__ import annotations

import numpy as np
import polars as pl

from functions.scoring.model.features import FeaturePlan
from functions.scoring.model.stand_ins import StandIns
from functions.scoring.smart import ERROR_ATTRIBUTES
from tests.training.made_fleet import telemetry
from training.fitting.feature_sets import STAND_INS, WITH_CHANGES
from training.fitting.observations import FleetHistory


def test_training_fills_in_what_serving_fills_in() -> None:
    frame = telemetry(9, 60).with_columns(
        pl.when(pl.col("serial_number").str.ends_with("3")).then("smart_197_raw").alias("smart_197_raw")
    )
    rows = np.arange(frame.height)
    observed = FleetHistory(frame, ERROR_ATTRIBUTES).observe(rows)
    plan = FeaturePlan(WITH_CHANGES)
    stand_ins = StandIns(plan.attributes, STAND_INS)
    read = [ERROR_ATTRIBUTES.index(attribute) for attribute in stand_ins.attributes]
    served = plan.matrix(
        stand_ins.fill(observed.now[:, read]),
        {days: stand_ins.fill(values[:, read]) for days, values in observed.earlier.items()},
    )
    trained = observed.standing_in(STAND_INS).matrix(WITH_CHANGES)
    np.testing.assert_array_equal(trained, served)
    column = [feature.name for feature in WITH_CHANGES].index("smart_197")
    assert np.isnan(observed.matrix(WITH_CHANGES)[:, column]).any()
    assert not np.isnan(trained[:, column]).any()
