from __future__ import annotations

import csv

from tests.real_data import FAILURES_2025, needs_real_data
from training.simulation.drive_models import DRIVE_MODELS
from training.simulation.families import FAMILIES
from training.simulation.schema import ATTRIBUTES, COLUMNS


@needs_real_data
def test_the_columns_are_those_published_in_2025() -> None:
    with FAILURES_2025.open(newline="") as stream:
        published = next(csv.reader(stream))
    # The copy at hand has one column more, added by whoever put the failure rows together.
    assert published == [*COLUMNS, "source_file"]


def test_every_drive_model_reports_attributes_that_exist() -> None:
    for model in DRIVE_MODELS:
        assert model.family in FAMILIES
        assert model.attributes <= set(ATTRIBUTES)
        assert model.years[0] < model.years[1]
    assert len({model.name for model in DRIVE_MODELS}) == len(DRIVE_MODELS)
    assert any(not {5, 197} & model.attributes for model in DRIVE_MODELS)
