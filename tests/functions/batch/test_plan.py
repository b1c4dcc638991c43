"""Which files are scored in ranges, and in which."""

from __future__ import annotations

import gzip
import random

import msgspec
import pytest

from functions.batch import plan as plan_module
from functions.batch.plan import plan, plan_on
from functions.batch.range_message import RangeMessage
from functions.errors import RangeMessageError, TelemetryFileError
from functions.storage import staged_writer
from functions.storage.pinned_blob import PinnedBlob
from functions.version import app_version
from tests.functions.batch.app_here import AppHere
from tests.functions.batch.conftest import RANGE_BYTES
from tests.functions.conftest import Fleet
from tests.support.drives import row, table
from tests.support.running_app import RunningAzurite
from tests.support.undisturbed import Undisturbed

DATA = table([row(f"S{number}") for number in range(1_000)])


def pinned(account: RunningAzurite, fleet: Fleet, data: bytes) -> PinnedBlob:
    """Upload a file and pin it."""
    fleet.drop("day.csv", data)
    return PinnedBlob.open(account.blobs.get_blob_client("telemetry", f"{fleet.folder}/day.csv"))


def test_a_small_file_is_scored_in_one_piece(account: RunningAzurite, fleet: Fleet) -> None:
    source = pinned(account, fleet, DATA)
    assert plan(source, source.size, "v2") == []
    assert len(plan(source, source.size - 1, "v2")) == 2


def test_a_compressed_file_is_scored_in_one_piece_whatever_its_name(
    account: RunningAzurite, fleet: Fleet
) -> None:
    packed = gzip.compress(DATA, 0)
    assert len(packed) > RANGE_BYTES
    assert plan(pinned(account, fleet, packed), RANGE_BYTES, "v2") == []


@pytest.mark.parametrize("name", ["day.json", "DAY.JSON"])
def test_json_is_scored_in_one_piece(account: RunningAzurite, fleet: Fleet, name: str) -> None:
    fleet.drop(name, b"{}\n" * RANGE_BYTES)
    source = PinnedBlob.open(account.blobs.get_blob_client("telemetry", f"{fleet.folder}/{name}"))
    assert plan(source, RANGE_BYTES, "v2") == []


def test_planning_in_steps_plans_the_same(
    account: RunningAzurite, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next step comes before the ranges of this one: nobody waits for it while there is work."""
    source = pinned(account, fleet, DATA)
    at_once = plan(source, RANGE_BYTES, "v2")
    monkeypatch.setattr(plan_module, "STEP_BYTES", 2 * RANGE_BYTES + 5)
    found: list[RangeMessage] = []
    step, *ranges = plan(source, RANGE_BYTES, "v2")
    while step.step == "plan":
        assert (step.index, len(ranges)) == (len(found) + 2, 2)
        found += ranges
        step, *ranges = plan_on(source, RangeMessage.decode(step.encode().encode()))
    found += [step, *ranges]
    assert [msgspec.structs.replace(task, started=at_once[0].started) for task in found] == at_once
    monkeypatch.setattr(plan_module, "STEP_BYTES", 1)
    assert len(plan(source, RANGE_BYTES, "v2")) == 2


def test_a_file_planned_in_steps(
    app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every message comes twice, as after a kill."""
    monkeypatch.setattr(plan_module, "STEP_RANGES", 1)
    data = table([row(f"S{number}", "2022-01-25") for number in range(1_000)])
    etag = fleet.drop("big.csv", data)
    tasks = app_here.arrive("big.csv").tasks
    assert [(task.index, task.step) for task in tasks] == [(1, "plan"), (0, "score")]
    while tasks:
        app_here.range(tasks[0])
        tasks = [*tasks[1:], *app_here.range(tasks[0]).tasks]
    assert "planned up to range 1" in app_here.messages
    undisturbed.expect(fleet, "big", data, etag, 0)


@pytest.mark.parametrize("seed", range(3))
def test_steps_out_of_order_and_late(
    app_here: AppHere,
    fleet: Fleet,
    undisturbed: Undisturbed,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
) -> None:
    """Any message next, each of them twice; a copy of a step that comes when all is done asks for nothing."""
    monkeypatch.setattr(plan_module, "STEP_RANGES", 2)
    data = table([row(f"S{number}", "2022-01-25") for number in range(1_500)])
    etag = fleet.drop("big.csv", data)
    order = random.Random(seed)
    waiting = app_here.arrive("big.csv").tasks * 2
    seen, steps = list(waiting), set()
    while waiting:
        task = waiting.pop(order.randrange(len(waiting)))
        steps |= {task.index} if task.step == "plan" else set()
        found = app_here.range(task).tasks
        new = [again for again in found if again not in seen]
        seen += new
        waiting += new * 2
    assert steps == {2, 4}
    undisturbed.expect(fleet, "big", data, etag, 0)
    for task in seen:
        assert app_here.range(task) == (f"{etag} has been scored by v2 already", [])


def test_a_file_replaced_while_it_is_planned(
    app_here: AppHere, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_module, "STEP_RANGES", 1)
    fleet.drop("big.csv", DATA)
    step = app_here.arrive("big.csv").tasks[0]
    fleet.drop("big.csv", DATA + b"\n")
    assert app_here.range(step) == (f"stopped: telemetry/{step.name} has been replaced since {step.etag}", [])


def test_messages_say_all_that_a_range_has_to_know(account: RunningAzurite, fleet: Fleet) -> None:
    source = pinned(account, fleet, DATA)
    tasks = plan(source, RANGE_BYTES, "v2", "v1")
    assert [task.index for task in tasks] == list(range(len(tasks)))
    for task in tasks:
        assert RangeMessage.decode(task.encode().encode()) == task
        assert (task.name, task.etag, task.size) == (source.name, source.etag, len(DATA))
        assert task.run == f"ranges-{RANGE_BYTES}-{app_version().digest}-v2-v1-0"
        cut = task.index * RANGE_BYTES
        # Lines that begin before the range, but for the header.
        begun = 1 + DATA.count(b"\n", 0, max(0, cut - 1)) if cut else 1
        assert task.lines_before == begun - 1


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff", b'{"name": 1}', b"[]"])
def test_a_message_of_somebody_else(body: bytes) -> None:
    with pytest.raises(RangeMessageError):
        RangeMessage.decode(body)


def test_a_file_of_too_many_ranges(
    account: RunningAzurite, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifty thousand blocks and one: nothing is read but the first bytes."""
    data = bytes(50_001 * 4)
    with pytest.raises(TelemetryFileError) as refused:
        plan(pinned(account, fleet, data), 4, "v2")
    for found in ("200,004 bytes", "50,001 ranges of 4 bytes", "50,000", "RANGE_BYTES"):
        assert found in refused.value.detail
    monkeypatch.setattr(plan_module, "STEP_RANGES", 2)
    assert len(plan(pinned(account, fleet, data[:-4]), 4, "v2")) == 3


def test_a_file_of_too_many_ranges_has_a_summary_that_says_so(
    app_here: AppHere, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_module, "MAX_BLOCKS", 2)
    etag = fleet.drop("big.csv", DATA)
    assert app_here.arrive("big.csv").tasks == []
    told = fleet.summary("big", etag, 0)
    assert told["status"] == "failed"
    assert " 2 " in told["error"]["detail"]
    assert fleet.outputs() == ["big.summary.json"]


def test_an_output_of_too_many_blocks_has_a_summary_that_says_so(
    app_here: AppHere, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A range may have several blocks: that shows when they are put together."""
    etag = fleet.drop("big.csv", DATA)
    tasks = app_here.arrive("big.csv").tasks
    monkeypatch.setattr(staged_writer, "MAX_BLOCKS", len(tasks) - 1)
    outcome = app_here.ranges(tasks)
    assert outcome.message.startswith("failed: ")
    told = fleet.summary("big", etag, 0)
    assert told["status"] == "failed"
    assert told["error"]["code"] == "output_too_large"
    assert "big.csv" not in fleet.outputs()
