"""Progress of a run that ends without a result goes: it would say for ever that the run goes on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

import pytest

from functions.batch import dispatch
from functions.batch import progress as progress_module
from functions.batch.progress import WholeFileProgress
from functions.batch.range_message import RangeTask
from functions.storage.errors import PublishError
from functions.storage.run_outputs import RunOutputs
from tests.functions.batch.app_here import AppHere
from tests.functions.conftest import Fleet
from tests.support.drives import row, table

BIG = table([row(f"S{number}", "2013-06-25") for number in range(1_200)])
REFUSED = table([*(row(f"S{number}", "2013-06-25") for number in range(600)), *["oops"] * 6_000])


def ranges_done(fleet: Fleet, stem: str) -> int:
    """Return how many ranges are done, as a file's progress says."""
    return int(json.loads(fleet.output(f"{stem}.progress.json"))["ranges_done"])


def begun(app_here: AppHere, fleet: Fleet, data: bytes = BIG) -> list[RangeTask]:
    """Score a file's first range; return all messages."""
    fleet.drop("big.csv", data)
    tasks = app_here.arrive("big.csv").tasks
    app_here.range(tasks[0])
    assert ranges_done(fleet, "big") == 1
    return tasks


def test_a_file_that_is_refused_when_its_ranges_are_done(app_here: AppHere, fleet: Fleet) -> None:
    tasks = begun(app_here, fleet, REFUSED)
    assert app_here.ranges(tasks[1:]).said.startswith("failed: 6000 of 6600 lines cannot be scored")
    assert fleet.outputs() == ["big.summary.json"]
    app_here.range(tasks[1])
    assert fleet.outputs() == ["big.summary.json"], "a copy of a message says nothing"


def test_a_file_whose_range_was_given_up(
    app_here: AppHere, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = begun(app_here, fleet)
    with monkeypatch.context() as patch:
        patch.setattr(dispatch, "score_task", refuse)
        with pytest.raises(PublishError):
            app_here.range(tasks[1], last_try=True)
    assert fleet.outputs() == ["big.summary.json"]
    app_here.ranges(tasks[2:])
    assert fleet.outputs() == ["big.summary.json"], "the other ranges do not bring it back"
    app_here.range(tasks[1])
    assert ranges_done(fleet, "big") == len(tasks)


def refuse(*_: object, **__: object) -> None:
    """The account is at its limit."""
    raise PublishError("The account is full.")


@pytest.mark.parametrize("then", ["replaced", "deleted"])
def test_a_file_that_is_no_longer_there(app_here: AppHere, fleet: Fleet, then: str) -> None:
    tasks = begun(app_here, fleet)
    if then == "replaced":
        fleet.drop("big.csv", b"another")
    else:
        app_here.service.get_blob_client("telemetry", tasks[0].name).delete_blob()
    assert app_here.range(tasks[1]).said.startswith("stopped: ")
    assert fleet.outputs() == []


def test_a_file_in_one_piece_that_is_refused(
    app_here: AppHere, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_module, "QUIET_SECONDS", 0.0)
    fleet.drop("small.csv", b"no,telemetry\n1,2\n")
    assert "failed: " in app_here.arrive("small.csv").said
    assert fleet.outputs() == ["small.summary.json"]


def test_a_file_in_one_piece_whose_try_failed(
    app_here: AppHere, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_module, "QUIET_SECONDS", 0.0)
    fleet.drop("small.csv", table([row("A", "2013-06-25")]))
    with monkeypatch.context() as patch:
        patch.setattr(RunOutputs, "publish", refuse)
        with pytest.raises(PublishError):
            app_here.arrive("small.csv")
    assert fleet.outputs() == ["small.summary.json"]
    app_here.arrive("small.csv")
    assert ranges_done(fleet, "small") == 1


def test_a_file_in_one_piece_that_is_replaced_while_it_is_read(
    app_here: AppHere, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_module, "QUIET_SECONDS", 0.0)
    fleet.drop("small.csv", table([row("A", "2013-06-25")]))
    follow = WholeFileProgress.follow

    def late(progress: WholeFileProgress, chunks: Iterable[bytes]) -> Iterator[bytes]:
        yield from follow(progress, chunks)
        assert "small.progress.json" in fleet.outputs()
        fleet.drop("small.csv", b"another")

    monkeypatch.setattr(WholeFileProgress, "follow", late)
    assert "stopped: " in app_here.arrive("small.csv").said
    assert fleet.outputs() == []
