"""infra/ keeps every rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.infra.all_rules import MODULES, RULES
from tests.infra.bicep import Infra

INFRA = Path(__file__).parents[2] / "infra"


@pytest.fixture(scope="module")
def infra() -> Infra:
    return Infra.read(INFRA)


@pytest.mark.parametrize("rule", RULES)
def test_holds(rule: str, infra: Infra) -> None:
    assert RULES[rule](infra) == []


def test_every_module_of_rules_has_some() -> None:
    assert {name.partition(".")[0] for name in RULES} == {m.__name__.rpartition(".")[2] for m in MODULES}
