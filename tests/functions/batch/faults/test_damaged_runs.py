"""What the ranges of a file leave for each other is damaged or lost: the file is scored all the same."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import msgspec
import pytest
from azure.storage.blob import BlobClient, BlobProperties, BlobServiceClient

from functions.batch import progress, silent_runs
from functions.batch.event_message import written_blob
from functions.batch.plan import MOST_ATTEMPTS
from functions.batch.progress import Progress
from functions.batch.range_message import RangeMessage
from functions.batch.silent_runs import MOST_ANNOUNCEMENTS, SILENCE, TURN, date_of, silent
from functions.blueprints.batch import EVENTS_POISON
from functions.scoring.history import day_cache
from functions.scoring.history.day_cache import DayCache
from functions.storage import containers
from functions.storage.containers import GIVEN_UP
from functions.storage.errors import RangeGoneError
from functions.storage.given_up import GivenUp, record_name
from functions.storage.output_names import PROGRESS, announced_name, progress_name
from functions.storage.range_store import RangeRun
from tests.functions.batch.app_here import AppHere
from tests.functions.conftest import Fleet
from tests.support.drives import WORN, row, table
from tests.support.running_app import RunningAzurite
from tests.support.undisturbed import Undisturbed

DAY, WEEK_BEFORE, WITHOUT_HISTORY = "2018-06-25", "2018-06-18", "2019-06-25"


def repeated(day: str) -> bytes:
    """Write a file of three ranges, two of which are scored again: every kind of blob is left."""
    rows = [row(f"S{number}", day, smart_5_raw=number % 60) for number in range(900)]
    return table([*rows, "oops", *(row(f"S{number}", day, **WORN) for number in range(5, 700, 70))])


REPEATED = repeated(WITHOUT_HISTORY)
BEFORE = table([row(f"S{number}", WEEK_BEFORE) for number in range(20)])

type Damage = Callable[[BlobClient], object]


def _changed(change: Callable[[bytes], bytes]) -> Damage:
    def damage(blob: BlobClient) -> None:
        found = blob.download_blob()
        blob.upload_blob(
            change(found.readall()), overwrite=True, metadata=dict(found.properties.metadata or {})
        )

    return damage


def _flip(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 4]) + data[middle + 1 :]


DAMAGES: dict[str, Damage] = {
    "deleted": lambda blob: blob.delete_blob(),
    "of zero bytes": _changed(lambda _: b""),
    "cut off": _changed(lambda data: data[: len(data) // 2]),
    "one bit flipped": _changed(_flip),
    "zeros": _changed(lambda data: bytes(len(data))),
    "something else": _changed(lambda _: b'{"index": 1}'),
}

BLOBS = {
    "a record": "000001.0.json",
    "a record of the second time": "000000.1.json",
    "rows": "000001.0.rows.arrow",
    "rows of the second time": "000000.1.rows.arrow",
    "lines to leave out": "000001.repeats.json",
    "which ranges are scored again": "to-repeat.txt",
    "the list of history": "settled/history.json",
}

ALWAYS = ("deleted", "one bit flipped")
FAULTS = [
    *((blob, damage) for blob in BLOBS for damage in ALWAYS),
    *(("a record", damage) for damage in DAMAGES if damage not in ALWAYS),
]


class Mailbox:
    """Delivers messages as the host does: in their order, each until it succeeds."""

    def __init__(self, app: AppHere) -> None:
        self._app = app
        self.queue: list[RangeMessage] = []

    def arrive(self, name: str) -> None:
        self.queue += self._app.arrive(name).tasks

    def deliver(self, until: Callable[[], bool] = lambda: False) -> None:
        for _ in range(200):
            if not self.queue or until():
                return
            self.queue += self._app.range(self.queue.pop(0)).tasks
        pytest.fail("messages for ever")

    def look(self, later: timedelta) -> list[str]:
        """Have the timer look later, by the clock of storage; return the files it announces, which arrive."""
        found = []
        with patch.object(silent_runs, "date_of", lambda answer: date_of(answer) + later):
            announced = silent_runs.revive_runs(self._app.service, EVENTS_POISON)
        for text in announced:
            blob = written_blob(text.encode())
            assert not isinstance(blob, str)
            found.append(blob.name)
            folder, _, name = blob.name.partition("/")
            if folder == self._app.fleet.folder:
                self.arrive(name)
        return found


@pytest.fixture(autouse=True)
def _told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PAUSE_SECONDS", 0.0)


@pytest.fixture(autouse=True)
def _no_other_runs(account: RunningAzurite) -> None:
    runs = account.blobs.get_container_client("runs")
    for name in runs.list_blob_names(name_starts_with=PROGRESS):
        runs.delete_blob(name)


@pytest.fixture
def mailbox(app_here: AppHere) -> Mailbox:
    return Mailbox(app_here)


def left(service: BlobServiceClient, fleet: Fleet, ending: str) -> list[BlobClient]:
    """Return the blobs of the file's runs with a certain name."""
    runs = service.get_container_client("runs")
    names = [str(name) for name in runs.list_blob_names(name_starts_with=f"{fleet.folder}/big.csv/")]
    return [runs.get_blob_client(name) for name in names if name.endswith(f"/{ending}")]


def scored(fleet: Fleet) -> bool:
    return "big.csv" in fleet.outputs()


@pytest.mark.parametrize(("blob", "damage"), FAULTS)
def test_a_blob_that_is_damaged_as_soon_as_it_is_there(
    app_here: AppHere,
    fleet: Fleet,
    undisturbed: Undisturbed,
    mailbox: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
    blob: str,
    damage: str,
) -> None:
    """The timer looks where messages have run out; the outputs are those of an undisturbed run."""
    undisturbed.expect_after(fleet, mailbox.arrive, "earlier", BEFORE)
    monkeypatch.setattr(day_cache, "CACHE", DayCache())
    data = repeated(DAY)
    etag = fleet.drop("big.csv", data)
    mailbox.arrive("big.csv")
    mailbox.deliver(lambda: bool(left(app_here.service, fleet, BLOBS[blob])))
    (found,) = left(app_here.service, fleet, BLOBS[blob])
    DAMAGES[damage](found)
    mailbox.deliver()
    if not scored(fleet):
        assert mailbox.look(SILENCE) == [f"{fleet.folder}/big.csv"]
        mailbox.deliver()
    undisturbed.expect(fleet, "big", data, etag, 0)
    assert mailbox.look(SILENCE) == []


@pytest.mark.parametrize("lost", ["all", "the first", "the last", "all but one", "those of repeats"])
def test_messages_that_are_lost(
    app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed, mailbox: Mailbox, lost: str
) -> None:
    """By a worker that takes one and dies without a note, or by whoever clears the queue."""
    etag = fleet.drop("big.csv", REPEATED)
    mailbox.arrive("big.csv")
    queue = mailbox.queue
    if lost == "those of repeats":
        mailbox.deliver(lambda: bool(queue) and queue[0].revision == 1)
    kept = {"the first": queue[1:], "the last": queue[:-1], "all but one": queue[1:2]}
    mailbox.queue = kept.get(lost, [])
    mailbox.deliver()
    assert not scored(fleet)
    assert mailbox.look(timedelta()) == [], "it is not silent yet"
    done = len(app_here.messages)
    assert mailbox.look(SILENCE) == [f"{fleet.folder}/big.csv"]
    mailbox.deliver()
    undisturbed.expect(fleet, "big", REPEATED, etag, 0)
    scored_again = [said for said in app_here.messages[done:] if "ranges done" in said]
    assert len(scored_again) <= len(queue), "ranges that are done are not asked for again"


@pytest.mark.parametrize("damage", ALWAYS)
def test_messages_are_lost_and_the_list_of_history_is_damaged(
    app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed, mailbox: Mailbox, damage: str
) -> None:
    etag = fleet.drop("big.csv", REPEATED)
    mailbox.arrive("big.csv")
    mailbox.queue = mailbox.queue[1:]
    mailbox.deliver()
    (found,) = left(app_here.service, fleet, BLOBS["the list of history"])
    DAMAGES[damage](found)
    assert mailbox.look(SILENCE) == [f"{fleet.folder}/big.csv"]
    mailbox.deliver()
    undisturbed.expect(fleet, "big", REPEATED, etag, 0)


def test_a_plan_step_that_is_lost(
    app_here: AppHere,
    fleet: Fleet,
    undisturbed: Undisturbed,
    mailbox: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("functions.batch.plan.STEP_RANGES", 2)
    etag = fleet.drop("big.csv", REPEATED)
    mailbox.arrive("big.csv")
    steps = [task for task in mailbox.queue if task.step == "plan"]
    assert steps
    mailbox.queue = [task for task in mailbox.queue if task.step == "score"]
    mailbox.deliver()
    assert mailbox.look(SILENCE) == [f"{fleet.folder}/big.csv"]
    mailbox.deliver()
    undisturbed.expect(fleet, "big", REPEATED, etag, 0)


def test_only_what_is_missing_is_asked_for_again(app_here: AppHere, fleet: Fleet, mailbox: Mailbox) -> None:
    fleet.drop("big.csv", REPEATED)
    mailbox.arrive("big.csv")
    tasks = mailbox.queue
    mailbox.queue = [tasks[0], tasks[2]]
    mailbox.deliver()
    mailbox.look(SILENCE)
    assert [task.index for task in mailbox.queue] == [1, 2]


def test_a_run_waits_its_turn_while_others_are_at_work() -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)

    def put(*ages: timedelta) -> list[timedelta]:
        blobs = [BlobProperties(name=str(number)) for number, _ in enumerate(ages)]
        for blob, age in zip(blobs, ages, strict=True):
            blob.last_modified = now - age
        return [now - blob.last_modified for blob in silent(blobs, now)]

    second = timedelta(seconds=1)
    assert put(SILENCE, SILENCE - second) == []
    assert put(SILENCE, TURN) == [SILENCE, TURN]
    assert put(second, SILENCE, TURN) == [TURN]
    assert put() == []


def test_a_file_whose_messages_are_lost_each_time_is_given_up(
    app_here: AppHere, fleet: Fleet, account: RunningAzurite, undisturbed: Undisturbed, mailbox: Mailbox
) -> None:
    etag = fleet.drop("big.csv", REPEATED)
    name = f"{fleet.folder}/big.csv"
    mailbox.arrive("big.csv")
    for _ in range(MOST_ANNOUNCEMENTS):
        assert mailbox.look(SILENCE) == [name]
        mailbox.queue.clear()
    assert mailbox.look(SILENCE) == []
    error = fleet.summary("big", etag, 0, status="failed")["error"]
    assert error["code"] == "run_failed"
    record = account.blobs.get_blob_client(GIVEN_UP, record_name(name, etag.strip('"')))
    kept = msgspec.json.decode(record.download_blob().readall(), type=GivenUp)
    assert (kept.queue, kept.name, kept.etag) == (EVENTS_POISON, name, etag.strip('"'))
    assert mailbox.look(2 * SILENCE) == []
    # A message that was only late does no harm, nor does the failure to its result.
    mailbox.arrive("big.csv")
    assert mailbox.look(SILENCE) == []
    mailbox.deliver()
    undisturbed.expect(fleet, "big", REPEATED, etag, 0)
    record.delete_blob()


def test_one_silence_is_one_announcement(
    app_here: AppHere,
    fleet: Fleet,
    account: RunningAzurite,
    mailbox: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two timers may look at once; and an announcement waits its turn like any message."""
    etag = fleet.drop("big.csv", REPEATED)
    mailbox.arrive("big.csv")
    blob = account.blobs.get_blob_client("runs", progress_name(f"{fleet.folder}/big.csv", etag))
    silent_until = blob.get_blob_properties().last_modified + SILENCE
    # The service's clock has whole seconds.
    time.sleep(1.1)
    monkeypatch.setattr(silent_runs, "date_of", lambda _: silent_until)
    looks = [silent_runs.revive_runs(app_here.service, EVENTS_POISON) for _ in range(2)]
    assert [len(found) for found in looks] == [1, 0]


def test_a_count_that_is_damaged_ends_the_announcements(
    app_here: AppHere, fleet: Fleet, account: RunningAzurite, mailbox: Mailbox
) -> None:
    etag = fleet.drop("big.csv", REPEATED)
    mailbox.arrive("big.csv")
    name = f"{fleet.folder}/big.csv"
    account.blobs.get_blob_client("runs", announced_name(name, etag)).upload_blob(b"")
    assert mailbox.look(2 * SILENCE) == []
    fleet.summary("big", etag, 0, status="failed")
    account.blobs.get_blob_client(GIVEN_UP, record_name(name, etag.strip('"'))).delete_blob()


@pytest.mark.parametrize("end", ["scored", "refused", "replaced", "deleted"])
def test_the_progress_of_a_run_that_has_ended_is_deleted(
    app_here: AppHere, fleet: Fleet, account: RunningAzurite, mailbox: Mailbox, end: str
) -> None:
    etag = fleet.drop("big.csv", b"x" * 30_000 if end == "refused" else REPEATED)
    mailbox.arrive("big.csv")
    name = f"{fleet.folder}/big.csv"
    if end in ("scored", "refused"):
        mailbox.deliver()
        fleet.summary("big", etag, 0, status="scored" if end == "scored" else "failed")
    elif end == "replaced":
        fleet.drop("big.csv", b"another")
    else:
        account.blobs.get_blob_client("telemetry", name).delete_blob()
    progress_of = account.blobs.get_blob_client("runs", progress_name(name, etag))
    assert progress_of.exists()
    assert mailbox.look(SILENCE) == []
    assert not progress_of.exists()


ELSEWHERE = Progress("../runs/x.csv", '"0x1"', 0, 2, 9, 0, 0, 0.0, datetime(2026, 11, 1, tzinfo=UTC))
"""The count of its announcements would be outside of their folder."""


@pytest.mark.parametrize(
    "content", [b"", b"{}", b'{"source_name": 1}', b'{"source_name": "\xff"}', msgspec.json.encode(ELSEWHERE)]
)
def test_progress_that_cannot_be_read_is_deleted(
    account: RunningAzurite, mailbox: Mailbox, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    blob = account.blobs.get_blob_client("runs", f"{PROGRESS}day.csv/0x1.json")
    blob.upload_blob(content)
    with caplog.at_level(logging.ERROR):
        assert mailbox.look(SILENCE) == []
    assert f"{blob.blob_name} tells of no run and is deleted" in caplog.text
    assert not blob.exists()


def test_a_refusal_that_is_damaged_is_found_again(app_here: AppHere, fleet: Fleet, mailbox: Mailbox) -> None:
    etag = fleet.drop("big.csv", b"x" * 30_000)
    mailbox.arrive("big.csv")
    mailbox.deliver()
    summary = app_here.service.get_blob_client("predictions", f"{fleet.folder}/big.summary.json")
    _changed(lambda _: b'{"error": {"code": "\xff"}}')(summary)
    assert mailbox.look(SILENCE) == [f"{fleet.folder}/big.csv"]
    mailbox.deliver()
    fleet.summary("big", etag, 0, status="failed")


def test_without_the_container_there_is_nothing_to_look_at(
    app_here: AppHere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "RUNS", "never-made")
    assert silent_runs.revive_runs(app_here.service, EVENTS_POISON) == []


def test_damage_for_ever_is_no_work_for_ever(
    app_here: AppHere, fleet: Fleet, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each new run finds the same: a try fails in the end, and the file is given up as others are."""
    etag = fleet.drop("big.csv", REPEATED)
    mailbox.arrive("big.csv")
    load = RangeRun.record_of

    def damaged(run: RangeRun, index: int, revision: int) -> bytes:
        load(run, index, revision)
        raise RangeGoneError("damaged")

    monkeypatch.setattr(RangeRun, "record_of", damaged)
    with pytest.raises(RangeGoneError, match=rf"\b{MOST_ATTEMPTS}\b"):
        mailbox.deliver()
    monkeypatch.setattr(RangeRun, "record_of", load)
    mailbox.deliver()
    assert mailbox.look(SILENCE) == [f"{fleet.folder}/big.csv"]
    mailbox.deliver()
    fleet.summary("big", etag, 0, status="scored")
