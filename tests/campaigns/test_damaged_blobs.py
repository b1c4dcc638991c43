"""Some damaged blobs, from one seed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.campaigns.campaign import chance_of
from tests.campaigns.damaged_blobs import DamagedBlobs


@pytest.fixture(scope="module")
def campaign(small_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DamagedBlobs]:
    with DamagedBlobs(small_models, tmp_path_factory.mktemp("damaged")) as started:
        yield started


@pytest.mark.slow
@pytest.mark.parametrize("number", range(3))
def test_history(campaign: DamagedBlobs, number: int) -> None:
    assert campaign.in_history(chance_of(19, "history", number)) in {"refused", "right"}


@pytest.mark.slow
@pytest.mark.parametrize("number", range(5))
def test_a_run(campaign: DamagedBlobs, number: int) -> None:
    assert campaign.in_run(chance_of(19, "run", number)) == "right"
