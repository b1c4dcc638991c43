"""local.settings.json and binding expressions."""

import json
from pathlib import Path

import pytest

from devhost import app_settings
from devhost.errors import DevhostError


def write(folder: Path, document: object, name: str = "local.settings.json") -> None:
    (folder / name).write_text(document if isinstance(document, str) else json.dumps(document))


def test_values_are_added_and_the_environment_wins(tmp_path: Path) -> None:
    write(tmp_path, {"Values": {"A": "file", "B": "file", "ON": True, "N": 5}})
    environment = {"A": "set"}
    assert app_settings.load(tmp_path, environment) == "settings from local.settings.json"
    assert environment == {"A": "set", "B": "file", "ON": "true", "N": "5"}


def test_the_example_stands_in_and_says_so(tmp_path: Path) -> None:
    write(tmp_path, {"Values": {"A": "1"}}, "local.settings.example.json")
    environment: dict[str, str] = {}
    assert "local.settings.example.json" in app_settings.load(tmp_path, environment)
    assert environment == {"A": "1"}


def test_none_at_all_is_fine(tmp_path: Path) -> None:
    assert "environment alone" in app_settings.load(tmp_path, {})


@pytest.mark.parametrize(
    ("document", "output"),
    [
        ("{,}", r"local\.settings\.json"),
        ("[]", "Values"),
        ({"Values": 3}, "Values"),
        ({"Values": {"A": []}}, r"Values\.A .*\blist\b"),
        ({"IsEncrypted": True, "Values": {}}, "func settings decrypt"),
    ],
)
def test_a_bad_file_is_said(tmp_path: Path, document: object, output: str) -> None:
    write(tmp_path, document)
    with pytest.raises(DevhostError, match=output):
        app_settings.load(tmp_path, {})


def test_expressions_are_expanded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOX", "telemetry")
    assert app_settings.expand("%BOX%/{name}.csv", "f") == "telemetry/{name}.csv"
    with pytest.raises(DevhostError, match=r"^score: .*NONESUCH"):
        app_settings.expand("%NONESUCH%", "score")
