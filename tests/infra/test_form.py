"""What the compiler does not look at: words of descriptions, modules nothing uses, rules that are off."""

from __future__ import annotations

import re

from tests.infra.snapshot import INFRA

DESCRIBED = re.compile(r"^@description\('(\w+)\. .*'\)\n(?:@.*\n)*param \w+ [^=\n]+?( =.*)?$", re.MULTILINE)
RULES_OFF = {"use-recent-api-versions", "use-description-vars"}
FILES = {file.name: file.read_text(encoding="utf-8") for file in INFRA.rglob("*.bicep")}


def test_parameters_say_whether_they_are_required() -> None:
    for name, text in FILES.items():
        found = DESCRIBED.findall(text)
        assert len(found) == len(re.findall("^param ", text, re.MULTILINE)), name
        assert all(word == ("Optional" if default else "Required") for word, default in found), name


def test_every_module_is_used() -> None:
    used = re.findall(r"'(?:\.\./|modules/)?(\w[\w-]*\.bicep)'", "\n".join(FILES.values()))
    assert FILES.keys() - set(used) == {"main.bicep", "eventgrid.bicep"}


def test_lint_rules_are_errors() -> None:
    levels = dict(
        re.findall(r'"([a-z-]+)": \{ "level": "(\w+)" \}', (INFRA / "bicepconfig.json").read_text())
    )
    assert len(levels) == 55
    assert {rule for rule, level in levels.items() if level != "error"} == RULES_OFF
