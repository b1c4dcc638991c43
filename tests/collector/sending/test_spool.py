from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.sending import spool as spool_module
from collector.sending.parcel import BLOB, DRIVE, KINDS, DamagedParcelError, Parcel, pack, unpack
from collector.sending.spool import Spool
from tests.support.running_app import PROJECT
from tests.support.waiting import wait_until

parcels = st.builds(Parcel, st.sampled_from(KINDS), st.text(max_size=40), st.binary(max_size=300))


def blob(name: str, body: bytes = b"x") -> Parcel:
    return Parcel(BLOB, name, body)


def waiting(spool: Spool) -> list[Parcel]:
    return [parcel for _, parcel in spool.waiting()]


@given(parcels)
def test_what_is_packed_is_unpacked(parcel: Parcel) -> None:
    assert unpack(pack(parcel)) == parcel


@given(parcels, st.data())
def test_no_cut_or_changed_parcel_is_taken(parcel: Parcel, data: st.DataObject) -> None:
    content = pack(parcel)
    cut = content[: data.draw(st.integers(0, len(content) - 1))]
    with pytest.raises(DamagedParcelError):
        unpack(cut)
    start = content.index(b"\n") + 1
    if start < len(content):
        position = data.draw(st.integers(start, len(content) - 1))
        with pytest.raises(DamagedParcelError):
            unpack(content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :])


@pytest.mark.parametrize("content", [b"", b"\n", b"[]\n", b"1\n", b"\xff\n", b'{"kind": "blob"}\n', b"x"])
def test_what_is_no_parcel(content: bytes) -> None:
    with pytest.raises(DamagedParcelError):
        unpack(content)


def test_oldest_first_across_runs(tmp_path: Path) -> None:
    for name in "abc":
        assert Spool(tmp_path, 10**6).add(blob(name)) == []
    spool = Spool(tmp_path, 10**6)
    assert [parcel.name for parcel in waiting(spool)] == ["a", "b", "c"]
    path, first = next(spool.waiting())
    spool.remove(path, first)
    assert [parcel.name for parcel in waiting(Spool(tmp_path, 10**6))] == ["b", "c"]


def test_a_newer_parcel_takes_the_place_of_its_older_one(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 10**6)
    spool.add(blob("a", b"1"))
    spool.add(blob("b"))
    spool.add(Parcel(DRIVE, "a", b"another kind"))
    spool.add(blob("a", b"2"))
    assert [(parcel.name, parcel.body) for parcel in waiting(spool)] == [
        ("b", b"x"),
        ("a", b"another kind"),
        ("a", b"2"),
    ]


def test_a_clock_that_was_set_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = Spool(tmp_path, 10**6)
    spool.add(blob("a"))
    monkeypatch.setattr(time, "time_ns", lambda: 1)
    spool.add(blob("b"))
    assert [parcel.name for parcel in waiting(spool)] == ["a", "b"]


def test_the_oldest_are_dropped_for_room(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 3000)
    assert [spool.add(blob(name, b"x" * 900)) for name in "abcd"] == [[], [], ["a"], ["b"]]
    assert spool.add(blob("large", b"x" * 5000)) == ["c", "d"]
    assert [parcel.name for parcel in waiting(spool)] == ["large"]


def test_damaged_files_are_put_aside(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 10**6)
    spool.add(blob("a", b"x" * 100))
    spool.add(blob("b"))
    oldest = min(tmp_path.iterdir())
    oldest.write_bytes(oldest.read_bytes()[:-1])
    assert [parcel.name for parcel in waiting(spool)] == ["b"]
    [name] = spool.put_damaged_aside()
    assert (tmp_path / name).suffix == ".damaged"
    assert spool.put_damaged_aside() == []
    assert len(spool) == 1


def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.parcel").write_text("mine")
    spool = Spool(tmp_path, 10)
    spool.add(blob("a"))
    assert len(spool) == 1
    assert (tmp_path / "notes.parcel").exists()


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be kept waits in memory: it is sent all the same, or lost aloud."""
    spool = Spool(tmp_path, 10**6)
    spool.add(blob("a"))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(spool_module, "write_whole", full)
    spool.add(blob("b"))
    assert spool.complaints == ["No space left on device"]
    assert spool.unsaved() == ["b"]
    assert [parcel.name for parcel in waiting(spool)] == ["a", "b"]
    for path, parcel in list(spool.waiting()):
        spool.remove(path, parcel)
    assert not spool.unsaved()
    assert not waiting(spool)


ADDING = """
import sys
from pathlib import Path
from collector.sending.parcel import Parcel
from collector.sending.spool import Spool
spool = Spool(Path(sys.argv[1]), 10**9)
for number in range(int(sys.argv[2]), 10**9):
    spool.add(Parcel("blob", str(number), b"%d" % number + b"x" * 300_000))
"""


def test_killed_in_the_middle_of_a_write(tmp_path: Path) -> None:
    """kill -9 while parcels are written: what is there is whole, in order, without a gap."""
    spool = Spool(tmp_path, 10**9)
    added = 0
    unfinished = 0
    for attempt in range(8):
        process = subprocess.Popen([sys.executable, "-c", ADDING, str(tmp_path), str(added)], cwd=PROJECT)
        least = added + 2
        wait_until(lambda least=least: len(spool) >= least)  # type: ignore[misc]
        time.sleep(0.003 * attempt)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        unfinished += len(list(tmp_path.glob(".*")))
        found = waiting(spool)
        added = len(found)
        assert [parcel.name for parcel in found] == [str(number) for number in range(added)]
        assert all(parcel.body.startswith(b"%sx" % parcel.name.encode()) for parcel in found)
        assert spool.put_damaged_aside() == []
        Spool(tmp_path, 10**9)  # the next run
        assert not list(tmp_path.glob(".*"))
    assert added >= 16
