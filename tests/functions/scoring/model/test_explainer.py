from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.scoring.model.explainer import MAX_SPLITS, Explainer
from functions.scoring.model.onnx_model import Model
from tests.support.small_model import ATTRIBUTES, FEATURES, training_rows


@pytest.fixture(scope="module", params=["v1", "v2"])
def version(request: pytest.FixtureRequest, small_models: Path) -> tuple[Model, Explainer]:
    model = Model.load(small_models, request.param)
    return model, Explainer.load(model.folder / "explainer.npz")


def test_base_and_contributions_add_up_to_the_log_odds(version: tuple[Model, Explainer]) -> None:
    model, explainer = version
    rows = training_rows()[0][:1500]
    rows[0] = np.nan
    explained = explainer.base + explainer.contributions(rows).sum(axis=1)
    np.testing.assert_allclose(explained, model.predict(rows)[0], atol=2e-5)


def test_one_by_one_equals_in_bulk(version: tuple[Model, Explainer]) -> None:
    rows = training_rows()[0][:600]
    bulk = version[1].contributions(rows)
    for number in (0, 1, 511, 512, 599):
        single = version[1].contributions(rows[number : number + 1])
        np.testing.assert_allclose(single[0], bulk[number], rtol=0, atol=1e-12)


def test_one_column_an_attribute(version: tuple[Model, Explainer]) -> None:
    explainer = version[1]
    assert explainer.attributes == tuple(sorted(ATTRIBUTES))
    assert explainer.contributions(np.zeros((0, len(FEATURES)), dtype=np.float32)).shape == (0, 6)


def test_an_attribute_that_does_not_change_does_not_move_the_others_apart(small_models: Path) -> None:
    """Raising the reported errors raises their own contribution."""
    explainer = Explainer.load(small_models / "v2" / "explainer.npz")
    rows = np.zeros((2, len(FEATURES)), dtype=np.float32)
    rows[1, 1] = 40
    before, after = explainer.contributions(rows)
    assert after[explainer.attributes.index(187)] > before[explainer.attributes.index(187)] + 0.5


def made_up_trees(used: list[int], seed: int) -> dict[str, np.ndarray]:
    """Make trees with *used* splits each, on a few thresholds, so that they have comparisons in common."""
    random = np.random.default_rng(seed)
    trees, slots, features, attributes = len(used), 2, 4, 3
    shape = (trees, MAX_SPLITS)
    in_use = np.arange(MAX_SPLITS) < np.array(used)[:, np.newaxis]
    return {
        "base": np.array(0.5),
        "attributes": np.array([5, 187, 197]),
        "split_feature": np.where(in_use, random.integers(0, features, shape), 0),
        "split_threshold": np.where(in_use, random.integers(0, 3, shape), -np.inf),
        "split_missing": in_use & (random.random(shape) < 0.5),
        "table": random.normal(size=(trees, 2**MAX_SPLITS, slots)),
        "table_attribute": random.integers(0, attributes, (trees, slots)),
        "linear_coefficient": np.zeros(features),
        "linear_center": np.zeros(features),
        "linear_fill": np.zeros(features),
        "feature_attribute": np.array([0, 1, 2, 0]),
    }


@given(
    used=st.lists(st.integers(0, MAX_SPLITS), min_size=1, max_size=6),
    seed=st.integers(0, 1000),
    rows=st.lists(
        st.lists(st.sampled_from([-1.0, 0.0, 1.0, 2.0, 3.0, np.nan, -np.inf]), min_size=4, max_size=4),
        min_size=1,
        max_size=5,
    ),
)
def test_every_tree_is_looked_up_where_its_splits_say(
    used: list[int], seed: int, rows: list[list[float]]
) -> None:
    arrays = made_up_trees(used, seed)
    expected = np.zeros((len(rows), 3))
    for number, row in enumerate(rows):
        for tree, splits in enumerate(used):
            outcome = 0
            for split in range(splits):
                value = row[arrays["split_feature"][tree, split]]
                if np.isnan(value):
                    left = arrays["split_missing"][tree, split]
                else:
                    left = value <= arrays["split_threshold"][tree, split]
                outcome += int(left) << split
            for slot, owner in enumerate(arrays["table_attribute"][tree]):
                expected[number, owner] += arrays["table"][tree, outcome, slot]
    found = Explainer(arrays).contributions(np.array(rows, dtype=np.float32))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_pickled_objects_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "explainer.npz"
    np.savez(path, base=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        Explainer.load(path)
