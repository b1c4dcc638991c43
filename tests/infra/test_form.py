"""What the compiler does not look at: words of descriptions, modules that nothing uses, rules that are off."""

from __future__ import annotations

import re

from tests.infra.snapshot import INFRA

PARAMETER = re.compile(r"@description\('((?:[^'\\]|\\.)*)'\)\n(?:@\w+\(.*\)\n)*param (\w+) [^=\n]+?( =.*)?$", re.M)
RULES_OFF = {"use-recent-api-versions", "use-description-vars"}


def test_parameters_say_whether_they_are_required() -> None:
    for file in INFRA.rglob("*.bicep"):
        text = file.read_text(encoding="utf-8")
        found = PARAMETER.findall(text)
        assert len(found) == len(re.findall("^param ", text, re.M)), file
        for description, name, default in found:
            assert description.startswith("Optional. " if default else "Required. "), f"{file}: {name}"


def test_every_module_is_used() -> None:
    text = "\n".join(file.read_text(encoding="utf-8") for file in INFRA.rglob("*.bicep"))
    for file in (INFRA / "modules").glob("*.bicep"):
        assert re.search(rf"'(modules/)?{re.escape(file.name)}'", text), file


def test_lint_rules_are_errors() -> None:
    levels = re.findall(r'"([a-z-]+)": \{ "level": "(\w+)" \}', (INFRA / "bicepconfig.json").read_text())
    assert len(levels) == 55
    assert {rule for rule, level in levels if level != "error"} == RULES_OFF
    assert {level for rule, level in levels if rule in RULES_OFF} == {"off"}
