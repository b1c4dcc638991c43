from __future__ import annotations

from pathlib import Path

import pytest

from ops.demo import fleet
from ops.errors import OpsError


@pytest.mark.parametrize("name", ["2014-01-25.csv", "2014-01-25.csv.gz"])
def test_a_given_day_stands_alone(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.touch()
    assert fleet.read_day(path) == fleet.DemoFleet(path, (), simulated=False)
    assert fleet.read_day(path).days == (path,)


def test_what_is_no_day_csv_is_refused_by_name(tmp_path: Path) -> None:
    archive = tmp_path / "data_Q1_2018.zip"
    archive.touch()
    with pytest.raises(OpsError, match=r"data_Q1_2018\.zip.*\.csv\b.*\.csv\.gz"):
        fleet.read_day(archive)
    with pytest.raises(OpsError, match=str(tmp_path)):
        fleet.read_day(tmp_path)
    with pytest.raises(OpsError, match=r"2014-01-25\.csv"):
        fleet.read_day(tmp_path / "2014-01-25.csv")


@pytest.mark.slow
def test_a_simulated_fleet_has_the_days_its_history_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleet, "SIMULATED_DRIVES", 20)
    (tmp_path / "9999-12-31.csv").write_text("from an earlier simulation")
    drives = fleet.simulate(tmp_path)
    assert drives.simulated
    dates = [path.stem for path in drives.days]
    assert dates == sorted(dates)
    assert len(dates) == 3
    assert len(drives.today.read_text().splitlines()) > 1
    assert not (tmp_path / "9999-12-31.csv").exists()


def test_a_failing_simulation_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet, "SIMULATED_DRIVES", -1)
    with pytest.raises(OpsError) as caught:
        fleet.simulate(tmp_path)
    assert caught.value.log
