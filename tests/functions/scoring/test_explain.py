from pathlib import Path

import numpy as np
import pytest

from functions.scoring.explain import Explainer
from functions.scoring.model import Model
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
    for place in (0, 1, 511, 512, 599):
        single = version[1].contributions(rows[place : place + 1])
        np.testing.assert_allclose(single[0], bulk[place], rtol=0, atol=1e-12)


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


def test_pickled_objects_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "explainer.npz"
    np.savez(path, base=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        Explainer.load(path)
