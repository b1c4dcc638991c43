from __future__ import annotations

from pathlib import Path

from training.challenge.next_version import next_version


def test_without_any_version_it_is_the_first(tmp_path: Path) -> None:
    assert next_version(tmp_path / "absent", tmp_path) == "v1"


def test_it_is_above_every_number_in_any_folder_registered_or_not(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "registry.json").write_text('{"versions": ["v2", "v9", "summer"], "aliases": {}}')
    (tmp_path / "models" / ".writing-v50").mkdir()
    (tmp_path / "output" / "v11").mkdir(parents=True)
    assert next_version(tmp_path / "models") == "v10"
    assert next_version(tmp_path / "models", tmp_path / "output") == "v12"
