"""A deployment while ranges run: two versions of the app live side by side, and make no file of both."""

from __future__ import annotations

import dataclasses
import random
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.batch.range_message import RangeMessage
from functions.errors import NewerAppError
from functions.scoring.engine.block import ScoredBlock
from functions.scoring.engine.pipeline import ScoredBlocks
from functions.version import AppVersion, app_version
from tests.functions.batch.app_here import AppHere
from tests.functions.conftest import Fleet
from tests.support.drives import WORN, row, table
from tests.support.undisturbed import Undisturbed

DAY = "2027-01-25"
ROWS = [row(f"S{number}", DAY, smart_5_raw=number % 60) for number in range(1_400)]
PLAIN = table([*ROWS, "oops"])
REPEATED = table([*ROWS, *(row(f"S{number}", DAY, **WORN) for number in range(5, 400, 50))])

OLDER, OLD, NEW = (
    AppVersion("0.1.0", datetime(2027, 1, day, tzinfo=UTC), digest * 16)
    for day, digest in ((1, "f"), (2, "0"), (3, "a"))
)
"""One release, packed one after the other. Only the newest writes what this checkout does."""

NEWEST = AppVersion("0.1.0", datetime(2027, 1, 4, tzinfo=UTC), "b" * 16)
"""Lives elsewhere."""

ANEW = "another version of the app has scored ranges; all are scored again"

type Deploy = Callable[[AppVersion], None]


@pytest.fixture
def deploy(monkeypatch: pytest.MonkeyPatch) -> Deploy:
    """Become another version of the app."""
    score = ScoredBlocks.score

    def become(version: AppVersion) -> None:
        for module in ("dispatch", "complete_file", "score_range", "plan", "range_message"):
            monkeypatch.setattr(f"functions.batch.{module}.app_version", lambda: version)

        def otherwise(*given: Any, **named: Any) -> Iterator[ScoredBlock]:
            for part in score(*given, **named):
                marked = part.scored.replace(b"\n", f",{version.digest}\n".encode())
                yield dataclasses.replace(part, scored=marked)

        monkeypatch.setattr(ScoredBlocks, "score", score if version == NEW else otherwise)

    return become


def drop(app: AppHere, fleet: Fleet, data: bytes) -> tuple[str, list[RangeMessage]]:
    """Upload a file and plan it; return its ETag and the messages."""
    etag = fleet.drop("big.csv", data)
    tasks = app.arrive("big.csv").tasks
    assert len(tasks) > 3
    return etag, tasks


def test_ranges_of_two_versions_are_not_put_together(
    app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed, deploy: Deploy
) -> None:
    deploy(OLD)
    etag, tasks = drop(app_here, fleet, PLAIN)
    app_here.ranges(tasks[:2])
    deploy(NEW)
    again = app_here.ranges(tasks[2:], lambda outcome: bool(outcome.tasks))
    assert again.message == ANEW
    # Killed before its messages were sent: the same one is delivered again.
    assert [task.index for task in app_here.range(tasks[-1]).tasks] == [task.index for task in again.tasks]
    assert app_here.ranges(again.tasks).message == "1400 scored, 1 rejected"
    undisturbed.expect(fleet, "big", PLAIN, etag, 0)


def test_ranges_scored_again_for_repeated_drives_neither(
    app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed, deploy: Deploy
) -> None:
    deploy(OLD)
    etag, tasks = drop(app_here, fleet, REPEATED)
    repeats = app_here.ranges(tasks, lambda outcome: bool(outcome.tasks)).tasks
    deploy(NEW)
    assert app_here.ranges(repeats).message == "1400 scored, 8 rejected"
    assert ANEW in app_here.messages
    undisturbed.expect(fleet, "big", REPEATED, etag, 0)


def test_a_record_of_another_format(
    app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed, deploy: Deploy
) -> None:
    deploy(OLD)
    etag, tasks = drop(app_here, fleet, PLAIN)
    app_here.ranges(tasks[:-1])
    record = next(
        name
        for name in app_here.service.get_container_client("runs").list_blob_names(
            name_starts_with=f"{fleet.folder}/big.csv/"
        )
        if name.endswith("000001.0.json")
    )
    blob = app_here.service.get_blob_client("runs", record)
    blob.upload_blob(b'{"index": 1}', overwrite=True, metadata={"app_version": str(NEWEST)})
    # This version planned the run, so the other one is newer.
    with pytest.raises(NewerAppError, match=rf"{re.escape(str(OLD))}.*poison replay"):
        app_here.range(tasks[-1])
    deploy(NEW)
    again = app_here.range(tasks[-1])
    assert again.message == ANEW
    app_here.ranges(again.tasks)
    undisturbed.expect(fleet, "big", PLAIN, etag, 0)


def test_the_version_that_planned_leaves_it_to_a_newer_one(
    app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed, deploy: Deploy
) -> None:
    deploy(OLD)
    etag, tasks = drop(app_here, fleet, PLAIN)
    deploy(NEW)
    app_here.ranges(tasks[:-1])
    deploy(OLD)
    for last_try in (False, True):
        with pytest.raises(NewerAppError):
            app_here.range(tasks[-1], last_try=last_try)
    assert str(OLD) in fleet.summary("big", etag, 0, status="failed")["error"]["detail"]
    deploy(NEW)
    assert app_here.ranges([tasks[-1]]).message == "1400 scored, 1 rejected"
    undisturbed.expect(fleet, "big", PLAIN, etag, 0)


def test_an_older_version_scores_nothing_that_a_newer_one_planned(
    app_here: AppHere, fleet: Fleet, deploy: Deploy
) -> None:
    deploy(NEW)
    _, tasks = drop(app_here, fleet, PLAIN)
    deploy(OLD)
    with pytest.raises(NewerAppError, match=rf"{re.escape(str(NEW))}.*{re.escape(str(OLD))}"):
        app_here.range(tasks[0])
    assert app_here.run_of(tasks[0]).done() == {}


@pytest.mark.parametrize("seed", range(3))
def test_versions_that_live_side_by_side_for_ever(
    app_here: AppHere, fleet: Fleet, deploy: Deploy, seed: int
) -> None:
    """Whoever takes which message: there are not more plans than versions. What is refused is taken later."""
    chance = random.Random(seed)
    deploy(OLDER)
    etag, queue = drop(app_here, fleet, PLAIN)
    while queue:
        deploy(chance.choice([OLDER, OLD, NEW]))
        task = queue.pop(chance.randrange(len(queue)))
        try:
            queue += app_here.range(task).tasks
        except NewerAppError:
            queue.append(task)
    assert 1 <= app_here.messages.count(ANEW) <= 2
    told = fleet.summary("big", etag, 0, status="scored")
    assert told["lines"] == {"data": 1_401, "accepted": 1_400, "rejected": 1}
    assert len({line.count(b",") for line in fleet.output("big.csv").splitlines()[1:]}) == 1
    marks = {mark for mark in (OLDER, OLD) if f",{mark.digest}\n".encode() in fleet.output("big.csv")}
    assert len(marks) <= 1


def test_the_apps_version_can_be_compared(app_here: AppHere, fleet: Fleet) -> None:
    _, tasks = drop(app_here, fleet, PLAIN)
    assert {task.app_version for task in tasks} == {str(app_version())}
    assert not tasks[0].is_of_newer_app


def test_two_packages_of_one_release_are_two_versions(
    app_here: AppHere, fleet: Fleet, deploy: Deploy
) -> None:
    """Who changed a line and forgot the number has made another version all the same."""
    deploy(OLD)
    _, tasks = drop(app_here, fleet, PLAIN)
    app_here.ranges(tasks[:2])
    deploy(OLD._replace(digest="1" * 16))
    assert app_here.ranges(tasks[2:], lambda outcome: bool(outcome.tasks)).message == ANEW


def test_one_package_unpacked_at_two_times_is_one_version(
    app_here: AppHere, fleet: Fleet, deploy: Deploy
) -> None:
    deploy(OLD)
    _, tasks = drop(app_here, fleet, PLAIN)
    app_here.ranges(tasks[:2])
    deploy(OLD._replace(packed=OLDER.packed))
    assert app_here.ranges(tasks[2:]).message == "1400 scored, 1 rejected"
