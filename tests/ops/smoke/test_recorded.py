from __future__ import annotations

from pathlib import Path

import pytest

from functions.scoring.model.manifest import read_registry
from ops.errors import OpsError
from ops.smoke import recorded
from ops.smoke.recorded import differences, drive, of_version, record, rows
from tests.support.running_app import PROJECT

VERSIONS = read_registry(PROJECT / "models").versions


@pytest.mark.parametrize("version", VERSIONS)
def test_every_registered_version_is_recorded(version: str) -> None:
    found = of_version(version)
    assert [row["serial_number"] for row in found] == [f"SMOKE-TEST-{n}" for n in (1, 2, 3)]
    assert {row["model_version"] for row in found} == {version}
    assert len({row["risk"] for row in found}) > 1, "drives that score alike would not tell models apart"


@pytest.mark.slow
def test_the_recordings_are_what_the_models_score(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)
    for path in record(Path("models"), tmp_path / "recorded"):
        assert differences(rows(path.read_bytes()), of_version(path.stem)) == []


def test_an_unknown_version_says_how_to_record_it() -> None:
    with pytest.raises(OpsError, match=r"\bv99\b.*\bv1, v2\b.*smoke --record"):
        of_version("v99")
    with pytest.raises(OpsError, match="smoke --record"):
        of_version("../drives")


def test_a_difference_is_named() -> None:
    expected = of_version("v2")
    near = [{**row, "probability": str(float(row["probability"]) + 5e-7), "new": "x"} for row in expected]
    assert differences(near, expected) == []
    far = [{**row} for row in expected]
    far[1]["probability"] = "0.06"
    far[2]["risk"] = "low"
    assert differences(far, expected) == [
        "SMOKE-TEST-2: probability is '0.06', recorded '0.054290652'",
        "SMOKE-TEST-3: risk is 'low', recorded 'high'",
    ]
    assert differences(expected[:2], expected) == ["2 rows where 3 are recorded"]
    far[1]["probability"] = "much"
    del far[2]["risk"]
    assert len(differences(far, expected)) == 2
    far[1]["probability"] = "nan"
    assert len(differences(far, expected)) == 2


def test_a_drive_as_a_request() -> None:
    found = drive({"serial_number": "SMOKE-TEST-3", "model": "ST4000DM000"})
    assert (found["model"], found["smart_187_raw"]) == ("ST4000DM000", 57)
    with pytest.raises(OpsError, match=r"\babsent\b"):
        drive({"serial_number": "absent", "model": "ST4000DM000"})


def test_nothing_is_recorded_without_a_registry(tmp_path: Path) -> None:
    with pytest.raises(OpsError, match=r"registry\.json"):
        record(tmp_path, tmp_path)


def test_a_version_that_does_not_score_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)
    (tmp_path / "registry.json").write_text('{"versions": ["v7"], "aliases": {}}')
    with pytest.raises(OpsError, match=r"\bv7\b") as caught:
        record(tmp_path, tmp_path / "out")
    assert caught.value.log
    assert recorded.RECORDED.is_dir()
