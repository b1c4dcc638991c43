"""infra-check with Microsoft's compiler over a small project: each kind of finding fails it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tools import bicep_cli, infra_check

ROOT = Path(__file__).parents[2]
MAIN = """targetScope = 'subscription'

@description('Required. Name.')
param name string

@description('Optional. Azure region.')
param location string = deployment().location

@description('Optional. Tags.')
param tags { *: string } = {}

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: name
  location: location
  tags: tags
}
"""


@pytest.fixture(scope="module")
def sound(bicep: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project with a template, its parameters and their snapshot."""
    project = tmp_path_factory.mktemp("sound")
    infra, snapshots = project / "infra", project / infra_check.SNAPSHOTS
    snapshots.mkdir(parents=True)
    infra.mkdir()
    shutil.copy(ROOT / "infra" / "bicepconfig.json", infra)
    (infra / "main.bicep").write_text(MAIN)
    (infra / "main.bicepparam").write_text("using 'main.bicep'\n\nparam name = 'rg'\n")
    (snapshots / "one.bicepparam").write_text("using '../../../infra/main.bicep'\n\nparam name = 'rg'\n")
    assert infra_check.write_snapshots(bicep, project) == ""
    return project


def test_a_sound_project_has_no_finding(bicep: str, sound: Path) -> None:
    checks = dict(infra_check.compiler_checks(bicep, sound))
    assert list(checks) == ["lint", "build", "build-params", "format", "snapshot main", "snapshot one"]
    assert {name: output for name, check in checks.items() if (output := check())} == {}


@pytest.mark.parametrize(
    ("check", "old", "new", "output"),
    [
        ("lint", "tags: tags", "tags: {}", "no-unused-params"),
        ("build", "name: name", "name: nobody", "BCP057"),
        ("build-params", "param name string", "param name int", "BCP033"),
        ("format", "  name: name", "    name: name", "infra/main.bicep: run `bicep format"),
        ("snapshot one", "name: name", "name: 'x${name}'", '"xrg"'),
    ],
)
def test_a_finding_of_each_kind_is_one(
    check: str, old: str, new: str, output: str, bicep: str, sound: Path, tmp_path: Path
) -> None:
    project = shutil.copytree(sound, tmp_path / "project")
    (project / "infra" / "main.bicep").write_text(MAIN.replace(old, new, 1))
    assert output in dict(infra_check.compiler_checks(bicep, project))[check]()


def test_a_missing_compiler_is_told_and_fails_a_pipeline(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bicep_cli, "find", lambda _: None)
    for pipeline, code in (("", 0), ("true", 1)):
        monkeypatch.setenv("CI", pipeline)
        assert infra_check.main([]) == code
        assert "bicep: NOT RUN" in capsys.readouterr().out
