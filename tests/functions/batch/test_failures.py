"""What a run that failed leaves."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from functions.batch import failures, run_models
from functions.batch.failures import is_fault_of_file, say_failed
from functions.errors import DrivecastError, ModelError, SettingError, SnapshotError, TelemetryFileError
from functions.storage.errors import (
    OutputTakenError,
    PublishError,
    RangeGoneError,
    SourceChangedError,
    SourceGoneError,
    StorageSettingError,
    TooManyBlocksError,
)
from functions.storage.pinned_blob import PinnedBlob
from tests.functions.batch.app_here import AppHere
from tests.functions.conftest import Fleet
from tests.support.drives import row, table
from tests.support.undisturbed import Undisturbed

DATA = table([row("A", "2020-01-25")])
BIG = table([row(f"S{number}", "2020-01-25") for number in range(800)])


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (TelemetryFileError("x"), True),
        (TooManyBlocksError("x"), True),
        (SourceChangedError("x"), False),
        (SourceGoneError("x"), False),
        (RangeGoneError("x"), False),
        (PublishError("x"), False),
        (OutputTakenError("x"), False),
        (SnapshotError("x"), False),
        (ModelError("x"), False),
        (SettingError("x"), False),
        (StorageSettingError("x"), False),
    ],
)
def test_whose_fault_it_is(error: DrivecastError, fault: bool) -> None:
    assert is_fault_of_file(error) is fault


NO_MODEL = "There is no model."


def fail_to_load(*_: object) -> run_models.Models:
    """There is no model."""
    raise ModelError(NO_MODEL)


def test_every_try_of_a_whole_file_says_that_it_failed(
    app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed, monkeypatch: pytest.MonkeyPatch
) -> None:
    etag = fleet.drop("day.csv", DATA)
    with monkeypatch.context() as patch:
        patch.setattr(run_models, "current", fail_to_load)
        for _ in range(2):
            with pytest.raises(ModelError):
                app_here.arrive("day.csv")
            told = fleet.summary("day", etag, 0)
            assert told["error"]["code"] == "run_failed"
            assert told["error"]["detail"].startswith(NO_MODEL)
    app_here.arrive("day.csv")
    undisturbed.expect(fleet, "day", DATA, etag, 0)


def test_the_last_try_of_a_range_says_that_it_failed(
    app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed, monkeypatch: pytest.MonkeyPatch
) -> None:
    etag = fleet.drop("big.csv", BIG)
    tasks = app_here.arrive("big.csv").tasks
    with monkeypatch.context() as patch:
        patch.setattr(run_models, "models_named", fail_to_load)
        with pytest.raises(ModelError):
            app_here.range(tasks[0])
        assert "big.summary.json" not in fleet.outputs()
        with pytest.raises(ModelError):
            app_here.range(tasks[0], last_try=True)
    told = fleet.summary("big", etag, 0)["error"]
    assert told["code"] == "run_failed"
    assert told["detail"].startswith(NO_MODEL)
    app_here.ranges(tasks)
    undisturbed.expect(fleet, "big", BIG, etag, 0)


def test_a_wrong_setting_refuses_no_file_amid_its_ranges(
    app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed, monkeypatch: pytest.MonkeyPatch
) -> None:
    etag = fleet.drop("big.csv", BIG)
    tasks = app_here.arrive("big.csv").tasks
    with monkeypatch.context() as patch:
        wrong = SettingError("SCORE_THREADS is wrong.")
        patch.setattr("functions.batch.score_range.settings", Mock(side_effect=wrong))
        with pytest.raises(SettingError):
            app_here.range(tasks[0])
        assert "big.summary.json" not in fleet.outputs()
    app_here.ranges(tasks)
    undisturbed.expect(fleet, "big", BIG, etag, 0)


def test_a_failure_leaves_a_result_of_another_model(
    app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed
) -> None:
    etag = fleet.drop("big.csv", BIG)
    tasks = app_here.arrive("big.csv").tasks
    app_here.ranges(tasks)
    source = PinnedBlob.open(app_here.service.get_blob_client("telemetry", f"{fleet.folder}/big.csv"))
    say_failed(app_here.service, source, "v3", TelemetryFileError("x"))
    failures.publish_failure(app_here.service, source, "v3", TelemetryFileError("x"))
    undisturbed.expect(fleet, "big", BIG, etag, 0)


def test_a_result_stays_whatever_fails_after_it(
    app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed
) -> None:
    etag = fleet.drop("day.csv", DATA)
    app_here.arrive("day.csv")
    source = PinnedBlob.open(app_here.service.get_blob_client("telemetry", f"{fleet.folder}/day.csv"))
    say_failed(app_here.service, source, "v2", ValueError("a copy of the message"))
    undisturbed.expect(fleet, "day", DATA, etag, 0)


def test_what_cannot_be_said_does_not_hide_why_it_failed(
    app_here: AppHere, fleet: Fleet, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fleet.drop("day.csv", DATA)
    monkeypatch.setattr(run_models, "current", fail_to_load)

    def refuse(*_: object, **__: object) -> None:
        raise PublishError("The account is full.")

    monkeypatch.setattr(failures, "publish_failure", refuse)
    with pytest.raises(ModelError):
        app_here.arrive("day.csv")
    assert "The account is full." in caplog.text
    assert fleet.outputs() == []


def test_what_is_not_the_apps_own_error_is_named(app_here: AppHere, fleet: Fleet) -> None:
    etag = fleet.drop("day.csv", DATA)
    source = PinnedBlob.open(app_here.service.get_blob_client("telemetry", f"{fleet.folder}/day.csv"))
    say_failed(app_here.service, source, "v2", ValueError("for the log"))
    detail = fleet.summary("day", etag, 0)["error"]["detail"]
    assert detail.startswith("ValueError;")
    assert "for the log" not in detail
