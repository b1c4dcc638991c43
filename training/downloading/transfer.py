"""One file over HTTP, however often the connection is cut."""

from __future__ import annotations

import contextlib
import errno
import re
import shutil
import time
from collections.abc import Callable
from http import HTTPStatus

import httpx

from training.downloading.errors import DownloadError
from training.downloading.partial import Partial, Version

ATTEMPTS = 8
"""Attempts in a row that bring no byte before giving up; the waits between them are two minutes in all."""

FIRST_ATTEMPTS = 3
"""Attempts as long as the server has not been reached at all: most likely there is no network."""

LONGEST_WAIT = 60.0
"""Most seconds between two attempts, whatever the server asks for."""

TIMEOUT = httpx.Timeout(60.0, connect=20.0)
"""Seconds without a byte, or without a connection."""

_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_PASSING = {408, 425, 429, 500, 502, 503, 504}

Progress = Callable[[int, int | None], None]
"""Told the bytes there are and, where known, the bytes there will be."""


class _Passing(Exception):  # noqa: N818 - no error yet: another attempt follows
    """A failure that another attempt may mend."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


def fetch(
    url: str,
    partial: Partial,
    *,
    progress: Progress = lambda _done, _size: None,
    tell: Callable[[str], None] = lambda _sentence: None,
    sleep: Callable[[float], None] = time.sleep,
    attempts: int = ATTEMPTS,
) -> None:
    """Bring a file into ``partial``, going on where an earlier attempt or run stopped.

    Parameters
    ----------
    partial : Partial
        Bytes of another version of the file are thrown away.
    progress : callable
        See `Progress`.
    tell : callable
        Told, in a sentence, why there is another attempt.
    sleep : callable
        Waits some seconds between attempts.
    attempts : int
        Attempts in a row that bring no byte before giving up.

    Raises
    ------
    DownloadError
        When the server refuses, is not reached, or keeps failing; or the disk is full.
    """
    fruitless, reached = 0, False
    with httpx.Client(timeout=TIMEOUT, follow_redirects=True) as client:
        while True:
            before = partial.size
            try:
                _attempt(client, url, partial, progress)
            except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
                raise DownloadError(f"{url} is not an address: {error}") from error
            except (_Passing, httpx.TransportError) as error:
                fruitless = 1 if partial.size > before else fruitless + 1
                reached = reached or not isinstance(error, httpx.ConnectError)
                if fruitless >= (attempts if reached else min(attempts, FIRST_ATTEMPTS)):
                    kept = f"; {partial.size:,} bytes are kept for the next run" if partial.size else ""
                    raise DownloadError(f"{url} cannot be fetched: {_reason(error)}{kept}") from error
                wait = getattr(error, "wait", None)
                wait = min(LONGEST_WAIT, 2.0 ** (fruitless - 1) if wait is None else wait)
                tell(f"{_reason(error)}; trying again in {wait:g} s")
                sleep(wait)
            except httpx.HTTPError as error:
                raise DownloadError(f"{url} cannot be fetched: {_reason(error)}") from error
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                raise _full(partial, None) from error
            else:
                return


def _attempt(client: httpx.Client, url: str, partial: Partial, progress: Progress) -> None:
    known = partial.version(url)
    have = partial.size if known else 0
    if known and have and have == known.size:
        return
    headers = {"Accept-Encoding": "identity"}
    if known and have:
        headers["Range"] = f"bytes={have}-"
        if known.condition:
            headers["If-Range"] = known.condition
    with client.stream("GET", url, headers=headers) as response:
        match response.status_code:
            case HTTPStatus.OK:
                length = response.headers.get("content-length", "")
                known = Version.of(url, int(length) if length.isdigit() else None, response.headers)
                partial.start(known)
            case HTTPStatus.PARTIAL_CONTENT if known and _continues(response, url, known, have):
                pass
            case HTTPStatus.PARTIAL_CONTENT | HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE if have:
                partial.discard()
                raise _Passing("the published file has changed; starting over", wait=0.0)
            case status:
                _refuse(status, response, url)
        assert known is not None
        _room(partial, known)
        _append(response, partial, known, progress)


def _continues(response: httpx.Response, url: str, known: Version, have: int) -> bool:
    match = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
    if not match or int(match[1]) != have:
        return False
    size = known.size if match[2] == "*" else int(match[2])
    found = Version.of(url, size, response.headers)
    same = ((found.etag, known.etag), (found.modified, known.modified), (found.file_id, known.file_id))
    return found.size == known.size and all(new == old for new, old in same if new)


def _append(response: httpx.Response, partial: Partial, known: Version, progress: Progress) -> None:
    with partial.path.open("ab") as file:
        done = file.tell()
        progress(done, known.size)
        for chunk in response.iter_raw():  # as it comes: a chunk of fixed size would be lost when cut
            file.write(chunk)
            done += len(chunk)
            progress(done, known.size)
    if known.size is not None and done < known.size:
        raise _Passing(f"the connection ended after {done:,} of {known.size:,} bytes")
    if known.size is not None and done > known.size:
        partial.discard()
        raise _Passing(f"{done:,} bytes came instead of {known.size:,}; starting over")


def _refuse(status: int, response: httpx.Response, url: str) -> None:
    if status == HTTPStatus.NOT_FOUND:
        raise DownloadError(
            f"{url} does not exist (404); a quarter is published some weeks after it has ended, see "
            'Backblaze\'s page "Hard Drive Test Data"'
        )
    reason = f"the server answered {status} {response.reason_phrase}".rstrip()
    if status not in _PASSING:
        raise DownloadError(f"{url} cannot be fetched: {reason}")
    wait = None
    with contextlib.suppress(ValueError):  # a date is allowed too; nobody sends one here
        wait = max(0.0, float(response.headers.get("retry-after", "")))
    raise _Passing(reason, wait)


def _room(partial: Partial, known: Version) -> None:
    if known.size is not None and known.size - partial.size > shutil.disk_usage(partial.path.parent).free:
        raise _full(partial, known.size)


def _full(partial: Partial, size: int | None) -> DownloadError:
    free = shutil.disk_usage(partial.path.parent).free
    needed = f" of {size:,}" if size is not None else ""
    return DownloadError(
        f"the disk of {partial.path.parent} is full: {partial.size:,}{needed} bytes have come and {free:,} "
        "are free; make room and run the command again, it goes on from there"
    )


def _reason(error: Exception) -> str:
    if isinstance(error, httpx.ConnectError):
        return f"no connection ({error}); check the network and the address"
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    return str(error) or type(error).__name__
