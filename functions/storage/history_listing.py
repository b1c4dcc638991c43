"""What the container `history` holds, listed once for many runs.

A day of many small files would list the same earlier days for every one of them. A listing serves a run if it
was made after the run's source had been uploaded, by the service's own clock: whatever had been scored before
somebody uploaded the file is in it. What is written later may be seen or not, as it always may.

A file of several dates that is uploaded again must not take what its replaced version left for the history of
its later dates. So a listing says which snapshots were written by a file of several dates, and by which; it
gives that file all others. One of a single date that is overwritten day by day has its history.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from azure.storage.blob import BlobProperties, ContainerClient

from functions.storage.provenance import Provenance

ENDING = ".arrow"

LISTING_SECONDS = 15.0
"""How long a listing serves. Long beside the time a small file takes; short for who replays messages, whose
files have been uploaded long ago."""

WHOLE_SECONDS = timedelta(seconds=2)
"""Between upload and listing, at least: the service's dates have no fractions, and its servers' clocks differ
a little."""


class Listed(NamedTuple):
    """A snapshot as it was listed.

    Attributes
    ----------
    etag : str
        With quotes.
    size : int
        Bytes.
    last_modified : datetime
        UTC.
    several_dates_of : str or None
        The file that wrote it (`Provenance.source_name`), of whichever version, if that had several dates.
    """

    etag: str
    size: int
    last_modified: datetime
    several_dates_of: str | None = None


class DayListing:
    """The snapshots of a day.

    Parameters
    ----------
    place : str
        Address of the container.
    folder : str
        ``2014-01-25/``.
    found : mapping of str to Listed
        By blob name.

    Attributes
    ----------
    found
        As given.
    versions : dict of str to str
        By name, sorted: what tells a snapshot from every other.
    """

    def __init__(self, place: str, folder: str, found: Mapping[str, Listed]) -> None:
        self.found = found
        self.versions = {
            path[len(folder) : -len(ENDING)]: f"{place}/{path} {found[path].etag}"
            for path in sorted(found)
            if path.endswith(ENDING)
        }
        self._left_by: dict[str, set[str]] = {}
        for path, each in found.items():
            if each.several_dates_of is not None:
                name = path[len(folder) : -len(ENDING)]
                self._left_by.setdefault(each.several_dates_of, set()).add(name)

    def versions_for(self, source_name: str) -> Mapping[str, str]:
        """Return `versions` without what a file of several dates has left, in any version, to itself.

        Parameters
        ----------
        source_name : str
            `Provenance.source_name` of the file that is scored.

        Returns
        -------
        mapping of str to str
            `versions` itself if there is nothing to leave out; if there is, an object of the caller's own.
        """
        left = self._left_by.get(source_name)
        if left is None:
            return self.versions
        return {name: version for name, version in self.versions.items() if name not in left}


class _Made[T](NamedTuple):
    at: datetime | None  # by the service's clock, when it was asked; None if it did not say
    until: float  # monotonic
    found: T

    def serves(self, uploaded: datetime) -> bool:
        fresh = self.at is not None and self.at >= uploaded + WHOLE_SECONDS
        return fresh and time.monotonic() < self.until


class HistoryListing:
    """Listings of one container, for all runs of this process. Used by several threads at once.

    Parameters
    ----------
    place : str
        Address of the container.
    """

    def __init__(self, place: str) -> None:
        self._place = place
        self._months: dict[str, _Made[frozenset[str]]] = {}
        self._days: dict[str, _Made[DayListing]] = {}
        self._lock = threading.Lock()

    def days(self, container: ContainerClient, month: str, uploaded: datetime) -> frozenset[str]:
        """Return the folders, ``2014-01-25/``, of a month, ``2014-01-``, that have a snapshot.

        Parameters
        ----------
        container : ContainerClient
            It is listed by.
        month : str
        uploaded : datetime
            When the source of the run was written, UTC.

        Raises
        ------
        ResourceNotFoundError
            There is no container.
        """

        def ask(hook: Callable[[Any], None]) -> frozenset[str]:
            found = container.walk_blobs(name_starts_with=month, delimiter="/", raw_response_hook=hook)
            return frozenset(each.name for each in found)

        return self._listed(self._months, month, uploaded, ask)

    def snapshots(self, container: ContainerClient, folder: str, uploaded: datetime) -> DayListing:
        """Return what is in a day's folder; parameters and errors are those of `days`."""

        def ask(hook: Callable[[Any], None]) -> DayListing:
            found = container.list_blobs(
                name_starts_with=folder, include=["metadata"], raw_response_hook=hook
            )
            return self._day(folder, {each.name: _listed(each) for each in found})

        return self._listed(self._days, folder, uploaded, ask)

    def wrote(self, path: str, etag: str | None, size: int, provenance: Provenance) -> None:
        """Take note of a snapshot that this process has written, or, without an ETag, may have written.

        Parameters
        ----------
        path : str
            Blob name.
        etag : str or None
        size : int
            Bytes.
        provenance : Provenance
            Its metadata.
        """
        day = path.partition("/")[0] + "/"
        month = day[: len("2014-01-")]
        with self._lock:
            if month in self._months:
                days = self._months[month]
                self._months[month] = days._replace(found=days.found | {day})
            listed = self._days.pop(day, None)
            if listed is not None and etag is not None:
                written = Listed(quoted(etag), size, datetime.now(UTC), _several_dates_of(provenance))
                found = {**listed.found.found, path: written}
                self._days[day] = listed._replace(found=self._day(day, found))

    def forget(self, path: str) -> None:
        """List the day of a snapshot anew: it is not what was listed."""
        day = path.partition("/")[0] + "/"
        with self._lock:
            self._days.pop(day, None)

    def _day(self, folder: str, found: Mapping[str, Listed]) -> DayListing:
        return DayListing(self._place, folder, found)

    def _listed[T](
        self,
        held: dict[str, _Made[T]],
        prefix: str,
        uploaded: datetime,
        ask: Callable[[Callable[[Any], None]], T],
    ) -> T:
        with self._lock:
            made = held.get(prefix)
            if made is not None and made.serves(uploaded):
                return made.found
        dates: list[datetime] = []
        began = time.monotonic()

        def note_date(response: Any) -> None:
            if date := response.http_response.headers.get("Date"):
                # The service says when it answered; it may have looked when it was asked.
                dates.append(parsedate_to_datetime(date) - timedelta(seconds=time.monotonic() - began))

        found = ask(note_date)
        with self._lock:
            for expired in [name for name, each in held.items() if each.until <= time.monotonic()]:
                del held[expired]
            held[prefix] = _Made(min(dates, default=None), began + LISTING_SECONDS, found)
            return found


def _listed(found: BlobProperties) -> Listed:
    several_dates_of = _several_dates_of(Provenance.read(found.metadata))
    return Listed(quoted(found.etag), found.size, found.last_modified, several_dates_of)


def _several_dates_of(provenance: Provenance | None) -> str | None:
    return provenance.source_name if provenance is not None and (provenance.source_dates or 1) > 1 else None


_listings: dict[str, HistoryListing] = {}
_listings_lock = threading.Lock()


def listing_of(container: ContainerClient) -> HistoryListing:
    """Return this process's listing of a container."""
    place = str(container.url).partition("?")[0]
    with _listings_lock:
        return _listings.setdefault(place, HistoryListing(place))


def quoted(etag: str) -> str:
    """Return an ETag with its quotes, which listings leave out."""
    return f'"{etag.strip('"')}"'
