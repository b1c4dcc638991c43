"""A break in a copy of infra/ is seen, by the rule that is there for it."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from tests.infra.all_rules import RULES
from tests.infra.bicep import Infra
from tests.infra.test_rules import INFRA

BREAKS: dict[str, dict[str, str]] = tomllib.loads(
    (Path(__file__).parent / "breaks.toml").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def unbroken() -> Infra:
    return Infra.read(INFRA)


@pytest.mark.parametrize("name", BREAKS)
def test_is_seen(name: str, unbroken: Infra, tmp_path: Path) -> None:
    one = BREAKS[name]
    copy = shutil.copytree(INFRA, tmp_path / "infra")
    path = copy / one["file"]
    before = path.read_text(encoding="utf-8")
    assert one["old"] in before, f"{one['old']!r} is no longer in {one['file']}: this break breaks nothing"

    path.write_text(before.replace(one["old"], one["new"], 1), encoding="utf-8")

    rule = RULES[one["rule"]]
    assert set(rule(Infra.read(copy))) - set(rule(unbroken))


def test_every_subject_is_broken_at_least_once() -> None:
    assert {rule.partition(".")[0] for rule in RULES} == {
        one["rule"].partition(".")[0] for one in BREAKS.values()
    }
