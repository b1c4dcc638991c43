"""The origin of an output, in its blob metadata."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import quote, unquote

from functions.storage.pinned_blob import PinnedBlob

type Outcome = Literal["scored", "failed"]

NAME_LIMIT = 4096
"""Longest encoded source path kept in metadata; the service allows 8 KiB for all of it."""


@dataclass(frozen=True)
class Provenance:
    """The source version, model version and run an output was made from.

    Attributes
    ----------
    source : str
        ``<container>/<name>`` of the source blob.
    source_etag : str
        Its pinned ETag, with quotes.
    source_last_modified : datetime
        UTC, whole seconds; for people, never to order versions.
    model_version : str
        Of the model that scored it.
    started : datetime
        Begin of the run, UTC; orders runs of one source version by different model versions.
    source_dates : int or None
        Dates the source has rows of; None in all outputs but history snapshots and summaries, and in those
        of earlier versions of the app.
    """

    source: str
    source_etag: str
    source_last_modified: datetime
    model_version: str
    started: datetime
    outcome: Outcome = "scored"
    source_dates: int | None = None

    @classmethod
    def of(cls, source: PinnedBlob, model_version: str, started: datetime | None = None) -> Provenance:
        """Return the provenance of a run on ``source`` that begins now, or began at ``started``."""
        began = started or datetime.now(UTC)
        return cls(source.path, source.etag, source.last_modified, model_version, began)

    def failed(self) -> Provenance:
        """Return the provenance of the same run, ended in failure."""
        return replace(self, outcome="failed")

    def of_dates(self, count: int) -> Provenance:
        """Return the provenance of the same run with the number of dates it found in the source."""
        return replace(self, source_dates=count)

    @property
    def source_name(self) -> str:
        """The source as the metadata names it: ASCII, and a digest where it is too long."""
        return _ascii(self.source)

    @property
    def is_of_several_dates(self) -> bool:
        """Whether the source is known to have rows of more than one date."""
        return (self.source_dates or 1) > 1

    def same_source(self, other: Provenance) -> bool:
        """Whether both are of one source blob, of any version."""
        # Compared as encoded: a provenance read back holds a digest where the name was too long.
        return self.source_name == other.source_name

    def same_work(self, other: Provenance) -> bool:
        """Whether both were made from one source version by one model version."""
        mine = (self.source_etag, self.model_version)
        return self.same_source(other) and mine == (other.source_etag, other.model_version)

    def metadata(self) -> dict[str, str]:
        """Return the blob metadata: ASCII only, so names are percent-encoded."""
        written = {
            "source_name": self.source_name,
            "source_etag": self.source_etag,
            "source_last_modified": self.source_last_modified.isoformat(),
            "model_version": _ascii(self.model_version),
            "run_started": self.started.isoformat(),
            "outcome": self.outcome,
        }
        if self.source_dates is not None:
            written["source_dates"] = str(self.source_dates)
        return written

    @classmethod
    def read(cls, metadata: Mapping[str, str] | None) -> Provenance | None:
        """Return the provenance in a blob's metadata; None when absent or changed by hand."""
        found = {key.lower(): value for key, value in (metadata or {}).items()}
        dates = found.get("source_dates")
        try:
            return cls(
                source=unquote(found["source_name"]),
                source_etag=found["source_etag"],
                source_last_modified=datetime.fromisoformat(found["source_last_modified"]),
                model_version=unquote(found["model_version"]),
                started=datetime.fromisoformat(found["run_started"]).astimezone(UTC),
                outcome="scored" if found["outcome"] == "scored" else "failed",
                source_dates=None if dates is None else int(dates),
            )
        except (KeyError, ValueError):
            return None


def _ascii(text: str) -> str:
    encoded = quote(text, safe="/:")
    if len(encoded) <= NAME_LIMIT:
        return encoded
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
