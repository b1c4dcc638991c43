"""docs/deploy.md names steps, files and variables that exist; test_docs.py has its commands and links."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml

from ops.deploy.steps import STEPS
from tests.support.documented_commands import commands

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
BLOCKS = "\n".join(re.findall(r"^```\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL))
COMMANDS = commands(TEXT)


def test_steps_are_told_in_their_order() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \|", TEXT, re.MULTILINE)
    assert rows == [step.name for step in STEPS]
    for line in COMMANDS:
        for given in re.findall(r"(?:STEP=|--step )\"?([a-z -]+)\"?", line):
            assert set(given.split()) <= {step.name for step in STEPS}


def test_files_exist() -> None:
    named = set(re.findall(r"\b((?:infra|charts|training|models|docs)/[\w./-]*\w)", TEXT))
    named |= {f"docs/{name}" for name in re.findall(r"\]\((\w+\.md)", TEXT)}
    named |= {f".github/workflows/{name}" for name in re.findall(r"^\| (\w+\.yml) \|", TEXT, re.MULTILINE)}
    made = {"infra/dev.bicepparam", "infra/prod.bicepparam"}
    missing = {name for name in named - made if not (ROOT / name).exists()}
    assert missing == set()
    assert {path.name for path in (ROOT / ".github" / "workflows").glob("*.yml")} == set(
        re.findall(r"^\| (\w+\.yml) \|", TEXT, re.MULTILINE)
    )


def section(title: str) -> str:
    """Return what stands below a heading, up to the next one."""
    found = re.search(rf"^#+ {title}\n(.*?)(?=^#)", TEXT, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def test_every_variable_of_the_parameter_file_is_told() -> None:
    read = {
        name
        for path in (ROOT / "infra").glob("*.bicepparam")
        for name in re.findall(r"readEnvironmentVariable\('(\w+)'", path.read_text())
    }
    assert read
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", section("Variables"), re.MULTILINE)) == read
    assert read <= set(re.findall(r"\b[A-Z]+_[A-Z_]+\b", (ROOT / "azure.yaml").read_text()))


def test_what_if_has_a_role_that_only_reads() -> None:
    (given,) = re.findall(r"^az role definition create --role-definition '(.*)'$", BLOCKS, re.MULTILINE)
    role = json.loads(given)
    assert role["Actions"] == ["*/read", "Microsoft.Resources/deployments/whatIf/action"]
    assert set(role) == {"Name", "Description", "Actions", "AssignableScopes"}
    assert f'az role assignment create --assignee CLIENT_ID --role "{role["Name"]}" --scope' in BLOCKS


def test_every_variable_of_the_workflows_is_told() -> None:
    workflows = "\n".join(path.read_text() for path in (ROOT / ".github" / "workflows").glob("*.yml"))
    asked = set(re.findall(r"\bvars\.(\w+)", workflows))
    rows = "\n".join(re.findall(r"^\| `[A-Z_]+.*$", section("GitHub Actions"), re.MULTILINE))
    assert asked == set(re.findall(r"`([A-Z]+_[A-Z_]+)`", rows))
    assert set(re.findall(r"^    environment: (\w+)$", workflows, re.MULTILINE)) == {"preview", "production"}


def test_values_that_the_chart_is_given_exist() -> None:
    values = yaml.safe_load((ROOT / "charts" / "drivecast" / "values.yaml").read_text())
    installed = "\n".join(line for line in BLOCKS.splitlines() if line.startswith("helm install"))
    given = re.findall(r"--set ([a-z]+)\.([A-Za-z]+)=", installed)
    assert given
    for parent, name in given:
        assert name in values[parent]
