from __future__ import annotations

import pytest

from training.metrics.families import family_of


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("ST3000DM001", "Seagate DM"),
        ("SEAGATE ST31500541AS", "Seagate AS"),
        ("ST8000DM002", "Seagate DM"),
        ("Hitachi HDS722020ALA330", "HGST HDS72"),
        ("HGST HDS5C4040ALE630", "HGST HDS5C"),
        ("HGST HMS5C4040BLE640", "HGST HMS5C"),
        ("WDC WD30EFRX", "WDC EFRX"),
        ("WDC WD1600AAJS", "WDC AAJS"),
        ("TOSHIBA DT01ACA300", "TOSHIBA DT01ACA300"),
    ],
)
def test_a_models_product_line_is_read_off_its_name(model: str, family: str) -> None:
    assert family_of(model) == family
