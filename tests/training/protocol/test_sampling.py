from __future__ import annotations

import polars as pl
import pytest

from tests.training.drive_histories import fleet
from training.protocol.labels import label_drive_days
from training.protocol.sampling import sample_negatives


@pytest.fixture(scope="module")
def labelled() -> pl.DataFrame:
    return label_drive_days(fleet(200, 100, failing=20))


@pytest.mark.parametrize("how", [{"rate": 0.1}, {"per_drive": 3}, {"rate": 1.0}, {"per_drive": 1000}])
def test_positives_stay_and_weights_restore_the_prevalence(
    labelled: pl.DataFrame, how: dict[str, float]
) -> None:
    kept = sample_negatives(labelled, **how, seed=1)  # type: ignore[arg-type]
    positives = labelled.filter(pl.col("label") == 1)
    assert kept.filter(pl.col("label") == 1).drop("weight").equals(positives)
    assert (kept.filter(pl.col("label") == 1)["weight"] == 1.0).all()
    negatives = kept.filter(pl.col("label") == 0)["weight"].sum()
    assert negatives == pytest.approx(labelled.height - positives.height, rel=0.1)
    in_order = labelled.join(kept, on=["serial_number", "date"], how="semi", maintain_order="left")
    assert kept.drop("weight").equals(in_order)


def test_at_most_so_many_negatives_per_drive(labelled: pl.DataFrame) -> None:
    kept = sample_negatives(labelled, per_drive=3, seed=1).filter(pl.col("label") == 0)
    assert kept.group_by("serial_number").len()["len"].max() == 3
    total = kept.group_by("serial_number").agg(pl.col("weight").sum())
    true = labelled.filter(pl.col("label") == 0).group_by("serial_number").len()
    joined = total.join(true, on="serial_number")
    assert joined.height == true.height
    assert (joined["weight"] - joined["len"]).abs().max() < 1e-9  # type: ignore[operator]


@pytest.mark.parametrize("how", [{"rate": 0.1}, {"per_drive": 3}])
def test_the_choice_depends_on_the_row_and_the_seed_only(
    labelled: pl.DataFrame, how: dict[str, float]
) -> None:
    def chosen(frame: pl.DataFrame, seed: int) -> set[tuple[object, ...]]:
        return set(sample_negatives(frame, **how, seed=seed).select("serial_number", "date", "weight").rows())  # type: ignore[arg-type]

    first = chosen(labelled, 1)
    assert chosen(labelled.sample(fraction=1, shuffle=True, seed=9), 1) == first
    half = labelled.filter(pl.col("serial_number") < "D0100")
    assert chosen(half, 1) == {row for row in first if str(row[0]) < "D0100"}
    assert chosen(labelled, 2) != first


@pytest.mark.parametrize(
    ("how", "named"),
    [
        ({}, "rate"),
        ({"rate": 0.1, "per_drive": 1}, "rate"),
        ({"rate": 0.0}, r"\b0\.0$"),
        ({"rate": 1.5}, r"\b1\.5$"),
        ({"per_drive": 0}, r"\b0$"),
    ],
)
def test_wrong_ways_are_refused(labelled: pl.DataFrame, how: dict[str, float], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        sample_negatives(labelled, **how, seed=1)  # type: ignore[arg-type]
