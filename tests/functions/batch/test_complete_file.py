"""The range that finds all of them done, and what it may find instead."""

from __future__ import annotations

import pytest
from azure.core.exceptions import ResourceNotFoundError

from functions.batch.range_message import RangeMessage
from functions.storage import range_store
from functions.storage.range_store import RangeRun
from tests.functions.batch.app_here import AppHere
from tests.functions.conftest import Fleet
from tests.support.drives import WORN, read_csv, row, table
from tests.support.snapshots import forget_models, without_models
from tests.support.undisturbed import Undisturbed

DAY = "2022-01-25"
ROWS = [row(f"S{number}", DAY, smart_5_raw=number % 60) for number in range(1_400)]
PLAIN = table([*ROWS, "oops"])
REPEATED = table([*ROWS, *(row(f"S{number}", DAY, **WORN) for number in range(5, 400, 50))])


def drop(app: AppHere, fleet: Fleet, data: bytes) -> tuple[str, list[RangeMessage]]:
    """Upload a file and plan it; return its ETag and the messages."""
    etag = fleet.drop("big.csv", data)
    tasks = app.arrive("big.csv").tasks
    assert len(tasks) > 3
    return etag, tasks


def left_in_runs(app: AppHere, fleet: Fleet) -> list[str]:
    """List what a file's runs have left."""
    names = app.service.get_container_client("runs").list_blob_names(name_starts_with=fleet.folder)
    return [str(name) for name in names]


def test_in_any_order(app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed) -> None:
    etag, tasks = drop(app_here, fleet, PLAIN)
    app_here.ranges([tasks[2], tasks[0], *tasks[3:], tasks[1]])
    undisturbed.expect(fleet, "big", PLAIN, etag, 0)
    assert app_here.messages[-1] == "1400 scored, 1 rejected"
    assert left_in_runs(app_here, fleet) == []


def test_until_the_last_is_done_the_others_wait(app_here: AppHere, fleet: Fleet) -> None:
    _, tasks = drop(app_here, fleet, PLAIN)
    for _ in range(2):
        assert app_here.range(tasks[1]) == (f"1 of {len(tasks)} ranges done", [])
    assert "big.summary.json" not in fleet.outputs()


def test_ranges_with_repeated_drives_know_their_lines(
    app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed
) -> None:
    """Whichever range was the last, and so asks for the others again."""
    etag, tasks = drop(app_here, fleet, REPEATED)
    first = app_here.ranges(tasks, lambda outcome: bool(outcome.tasks))
    asked = [(task.index, task.revision, task.lines_before) for task in first.tasks]
    assert asked == [(task.index, 1, task.lines_before) for task in tasks[: len(asked)]]
    assert app_here.ranges(list(reversed(first.tasks))).message == "1400 scored, 8 rejected"
    undisturbed.expect(fleet, "big", REPEATED, etag, 0)


def test_ranges_with_shared_serial_numbers_join_no_snapshot_without_models(
    app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed
) -> None:
    """Those that joined it are scored again, once, whichever range the other drive is in."""
    week_before, day = "2039-09-18", "2039-09-25"
    earlier = table([row(f"S{number}", week_before, smart_5_raw=number % 7) for number in range(700)])
    undisturbed.expect_after(fleet, app_here.arrive_whole, "earlier", earlier)
    forget_models(undisturbed.history)
    blob = app_here.service.get_blob_client("history", f"{week_before}/{fleet.folder}/earlier.arrow")
    metadata = blob.get_blob_properties().metadata
    blob.upload_blob(without_models(blob.download_blob().readall()), overwrite=True, metadata=metadata)

    drives = [row(f"S{number}", day, smart_5_raw=number % 9) for number in range(1_400)]
    data = table([*drives, row("S3", day, "WDC WD60EFRX", **WORN)])
    etag, tasks = drop(app_here, fleet, data)
    first = app_here.ranges(tasks, lambda outcome: bool(outcome.tasks))
    assert {task.revision for task in first.tasks} == {1}
    again = {task.index for task in first.tasks}
    assert {0, tasks[-1].index} <= again < {task.index for task in tasks}, "those without history stay"
    assert app_here.ranges(first.tasks).message == "1401 scored, 0 rejected"
    undisturbed.expect(fleet, "big", data, etag, 0)
    ages = {line["serial_number"]: line["history_days"] for line in read_csv(fleet.output("big.csv"))}
    assert (ages["S2"], ages["S3"], ages["S1399"]) == ("7", "0", "0")


def test_messages_for_repeats_that_were_never_sent(
    app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed
) -> None:
    """Killed after it was written which ranges are scored again: the same message finds that, and sends."""
    etag, tasks = drop(app_here, fleet, REPEATED)
    lost = app_here.ranges(tasks, lambda outcome: bool(outcome.tasks)).tasks
    again = app_here.range(tasks[-1])
    assert again == (f"{len(lost)} of {len(tasks)} ranges are scored again", lost)
    app_here.range(lost[0])
    # A copy of the message that is late asks for those that are still missing, and for no other.
    assert app_here.range(tasks[1]).tasks == lost[1:]
    app_here.ranges(lost[1:])
    undisturbed.expect(fleet, "big", REPEATED, etag, 0)


def test_staged_blocks_that_are_gone(app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed) -> None:
    """After a week the service drops them: everything is scored again, with the right line numbers."""
    etag, tasks = drop(app_here, fleet, PLAIN)
    app_here.ranges(tasks[:-1])
    writer, _ = app_here.run_of(tasks[0]).assembled([], [])
    writer.client.commit_block_list([])  # drops whatever is staged
    outcome = app_here.range(tasks[-1])
    assert [(task.index, task.lines_before) for task in outcome.tasks] == [
        (task.index, task.lines_before) for task in tasks
    ]
    # Killed before these messages were sent, it is delivered again, and asks for the same.
    again = app_here.range(tasks[-1])
    assert [(task.run, task.index) for task in again.tasks] == [
        (task.run, task.index) for task in outcome.tasks
    ]
    assert app_here.ranges(outcome.tasks).message == "1400 scored, 1 rejected"
    assert " v2 " in app_here.ranges(again.tasks).message
    undisturbed.expect(fleet, "big", PLAIN, etag, 0)


@pytest.mark.parametrize("name", ["record_of", "rows_of"])
def test_another_one_completes_the_file_meanwhile(
    app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Between the look at what is done and the reading of it."""
    etag, tasks = drop(app_here, fleet, PLAIN)
    app_here.ranges(tasks[:-1])
    read = getattr(RangeRun, name)

    def read_late(run: RangeRun, index: int, revision: int) -> bytes:
        monkeypatch.setattr(RangeRun, name, read)
        assert app_here.range(tasks[-1]).message == "1400 scored, 1 rejected"
        return bytes(read(run, index, revision))

    monkeypatch.setattr(RangeRun, name, read_late)
    assert app_here.range(tasks[-1]) == ("completed by another", [])
    undisturbed.expect(fleet, "big", PLAIN, etag, 0)


def test_another_one_cleans_up_before_the_copy(
    app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The source of the copy is gone then; the result is there."""
    from functions.storage.run_outputs import RunOutputs

    etag, tasks = drop(app_here, fleet, PLAIN)
    app_here.ranges(tasks[:-1])
    publish = RunOutputs.publish

    def publish_late(run: RunOutputs, summary: bytes, dates: int) -> object:
        monkeypatch.setattr(RunOutputs, "publish", publish)
        writers = list(run._writers.values())
        for writer in writers:
            writer.commit()
        assert app_here.range(tasks[-1]).message == "1400 scored, 1 rejected"
        return publish(run, summary, dates)

    monkeypatch.setattr(RunOutputs, "publish", publish_late)
    assert app_here.range(tasks[-1]) == ("completed by another", [])
    undisturbed.expect(fleet, "big", PLAIN, etag, 0)


def test_a_file_that_was_replaced_or_deleted(app_here: AppHere, fleet: Fleet) -> None:
    _, tasks = drop(app_here, fleet, PLAIN)
    fleet.drop("big.csv", b"another")
    assert app_here.range(tasks[0]).message.startswith("stopped: ")
    app_here.service.get_blob_client("telemetry", tasks[0].name).delete_blob()
    assert app_here.range(tasks[0]).message.startswith("stopped: ")
    assert fleet.outputs() == []


def test_what_a_run_leaves_is_cleaned_up_as_far_as_that_works(
    app_here: AppHere, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed in the middle of it, the file is done all the same; the rest goes by the lifecycle policy."""
    _, tasks = drop(app_here, fleet, PLAIN)
    app_here.ranges(tasks[:-1])

    def killed(*_: object) -> None:
        raise ResourceNotFoundError("killed")

    monkeypatch.setattr(range_store.RangeRun, "forget", killed)
    with pytest.raises(ResourceNotFoundError):
        app_here.range(tasks[-1])
    assert left_in_runs(app_here, fleet) != []
    assert " v2 " in app_here.range(tasks[-1]).message
