from __future__ import annotations

import errno
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.training.downloading.zip_server import Served, serve
from training.downloading.errors import DownloadError
from training.downloading.partial import Partial
from training.downloading.transfer import ATTEMPTS, fetch

CONTENT = bytes(range(256)) * 5000
OTHER = CONTENT[::-1]


class Waits(list[float]):
    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def stop(seconds: float) -> None:
    """Give up at the first wait, as a person with Ctrl-C would."""
    raise DownloadError(f"stopped before a wait of {seconds:g} s")


class Case(NamedTuple):
    served: Served
    partial: Partial
    waits: Waits

    def fetch(self, attempts: int = ATTEMPTS) -> bytes:
        fetch(self.served.url + "data.zip", self.partial, sleep=self.waits, attempts=attempts)
        return self.partial.path.read_bytes()


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    with serve(Served(CONTENT)) as served:
        yield Case(served, Partial(tmp_path / "data.zip"), Waits())


def test_a_file_comes_whole_and_progress_is_told(case: Case) -> None:
    reported: list[tuple[int, int | None]] = []
    fetch(case.served.url + "data.zip", case.partial, progress=lambda *step: reported.append(step))
    assert case.partial.path.read_bytes() == CONTENT
    assert reported[0] == (0, len(CONTENT))
    assert reported[-1] == (len(CONTENT), len(CONTENT))
    assert case.served.asked[0]["accept-encoding"] == "identity"


def test_cut_connections_are_resumed_where_they_ended(case: Case) -> None:
    case.served.cuts = [700_000, 100_000]
    sentences: list[str] = []
    fetch(case.served.url + "data.zip", case.partial, sleep=case.waits, tell=sentences.append)
    assert case.partial.path.read_bytes() == CONTENT
    first, second, third = case.served.asked
    assert "range" not in first
    assert int(second["range"].removeprefix("bytes=").removesuffix("-")) > 0
    assert (second["if-range"], third["if-range"]) == ('"1"', '"1"')
    assert len(sentences) == 2


def test_a_later_run_goes_on_and_a_complete_file_is_not_asked_for_again(case: Case) -> None:
    case.served.cuts = [600_000]
    with pytest.raises(DownloadError, match=r"[0-9,]+ bytes\b"):
        case.fetch(attempts=1)
    have = case.partial.size
    assert 0 < have <= 600_000
    assert case.fetch() == CONTENT
    assert case.served.asked[1]["range"] == f"bytes={have}-"
    assert case.fetch() == CONTENT
    assert len(case.served.asked) == 2


def test_a_server_that_ignores_ranges_sends_it_all_again(case: Case) -> None:
    case.served.ranges = False
    case.served.cuts = [300_000]
    assert case.fetch() == CONTENT
    assert "range" in case.served.asked[1]


@pytest.mark.parametrize("conditional", [True, False])
def test_a_file_that_changed_in_between_starts_over(case: Case, conditional: bool) -> None:
    """Also with a server that knows no If-Range: the ETag of its 206 gives the change away."""
    case.served.cuts = [300_000]
    case.served.conditional = conditional
    with pytest.raises(DownloadError):
        case.fetch(attempts=1)
    case.served.content, case.served.etag = OTHER, '"2"'
    assert case.fetch() == OTHER


def test_without_an_etag_the_date_of_change_is_the_condition(case: Case) -> None:
    case.served.etag, case.served.modified = "", "Tue, 05 Aug 2025 10:00:00 GMT"
    case.served.cuts = [300_000]
    assert case.fetch() == CONTENT
    assert case.served.asked[1]["if-range"] == "Tue, 05 Aug 2025 10:00:00 GMT"


def test_a_weak_etag_is_no_condition_but_tells_a_change(case: Case) -> None:
    case.served.etag = 'W/"1"'
    case.served.cuts = [300_000, 300_000]
    with pytest.raises(DownloadError):
        case.fetch(attempts=1)
    with pytest.raises(DownloadError):
        fetch(case.served.url + "data.zip", case.partial, sleep=stop)
    assert "range" in case.served.asked[1]
    assert "if-range" not in case.served.asked[1]
    assert case.partial.path.read_bytes() == CONTENT[:600_000]
    case.served.content, case.served.etag = OTHER, 'W/"2"'
    assert case.fetch() == OTHER


def test_a_shorter_file_under_the_same_etag_starts_over(case: Case) -> None:
    case.served.cuts = [300_000]
    with pytest.raises(DownloadError):
        case.fetch(attempts=1)
    case.served.content = OTHER[:500_000]
    assert case.fetch() == OTHER[:500_000]


def test_bytes_of_unknown_origin_are_thrown_away(case: Case) -> None:
    case.partial.path.write_bytes(b"x" * 1000)
    assert case.fetch() == CONTENT
    assert "range" not in case.served.asked[0]


def test_a_busy_server_is_asked_again_after_the_time_it_names(case: Case) -> None:
    case.served.statuses = [503, 500]
    assert case.fetch() == CONTENT
    assert case.waits == [7, 7]


def test_a_server_that_stays_busy_is_given_up(case: Case) -> None:
    case.served.statuses = [503] * 9
    with pytest.raises(DownloadError, match="503 Service Unavailable"):
        case.fetch(attempts=4)
    assert len(case.served.asked) == 4


@pytest.mark.parametrize(
    ("status", "named"),
    [(404, r"\(404\)"), (403, "403 Forbidden")],
)
def test_a_refusal_is_final(case: Case, status: int, named: str) -> None:
    case.served.statuses = [status]
    with pytest.raises(DownloadError, match=named):
        case.fetch()
    assert len(case.served.asked) == 1


def test_no_network_is_said_soon(tmp_path: Path) -> None:
    with serve(Served(b"")) as served:
        url = served.url
    waits = Waits()
    with pytest.raises(DownloadError, match=re.escape(url)):
        fetch(url + "data.zip", Partial(tmp_path / "data.zip"), sleep=waits)
    assert waits == [1, 2]


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "nonsense/"])
def test_what_is_no_address_is_said_at_once(tmp_path: Path, url: str) -> None:
    with pytest.raises(DownloadError, match=re.escape(url)):
        fetch(url + "data.zip", Partial(tmp_path / "data.zip"), sleep=Waits())


def test_a_disk_without_room_is_said_before_the_bytes_come(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage(NamedTuple):
        free: int

    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(1000))
    with pytest.raises(DownloadError, match=r"\b0 of 1,280,000 bytes\b.*\b1,000\b"):
        case.fetch()


def test_a_disk_that_fills_up_on_the_way_keeps_what_came(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(done: int, size: int | None) -> None:
        if done > 0:
            raise OSError(
                errno.ENOSPC, "No space left on device"
            )  # stands for a disk, which a test must not fill

    with pytest.raises(DownloadError, match=r"[0-9,]+ bytes\b.* [0-9,]+ "):
        fetch(case.served.url + "data.zip", case.partial, progress=full)
    have = case.partial.size
    assert have > 0
    assert case.fetch() == CONTENT
    assert case.served.asked[-1].get("range", f"bytes={have}-") == f"bytes={have}-"
