"""The table of attributes."""

from functions.scoring.raw_values import PACKINGS
from functions.scoring.smart import ATTRIBUTES, ERROR_ATTRIBUTES


def test_the_table() -> None:
    assert list(ATTRIBUTES) == sorted(ATTRIBUTES)
    assert set(ERROR_ATTRIBUTES) <= ATTRIBUTES.keys()
    assert ATTRIBUTES[187].column == "smart_187_raw"
    assert {a.id for a in ATTRIBUTES.values() if not a.counter} == {190, 194}
    assert {a.packing for a in ATTRIBUTES.values()} <= PACKINGS.keys()
