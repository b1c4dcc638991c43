"""The queue message that asks for one range of a file to be scored, or for more of them to be planned."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from functions.errors import NO_JSON, RangeMessageError
from functions.version import AppVersion, app_version

type Count = Annotated[int, Meta(ge=0)]

type Name = Annotated[str, Meta(pattern=r"^(?!\.)[^/\\\x00-\x1f]+\Z")]
"""Part of a path in `runs`, or of one of models: no slash, so it leads nowhere else."""


class RangeMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One range of one version of a file, and everything its run has in common.

    Attributes
    ----------
    name : str
        Path of the file in the container `telemetry`.
    etag : str
        The version of it that is scored, with quotes.
    size : int
        Bytes of the file.
    range_bytes : int
        Bytes of every range but the last.
    index : int
        Position of this range, from 0.
    lines_before : int
        Data lines of the file before it.
    model_version : str
        Scores every range, whatever the champion is meanwhile.
    app_version : str
        Of the app that planned the run, as `AppVersion` writes it; no older one scores its ranges.
    started : datetime
        When the run began.
    challenger : str or None
        Version that is compared with.
    attempt : int
        How often the run was planned anew, because what its ranges had left was gone.
    revision : int
        1 when the range is scored again because serial numbers are in the file more than once on a date.
    step : str
        "plan" asks for the ranges from this one on to be planned; see `functions.batch.plan`.
    """

    name: str
    etag: str
    size: Count
    range_bytes: Annotated[int, Meta(ge=1)]
    index: Count
    lines_before: Count
    model_version: Name
    app_version: Name
    started: datetime
    challenger: Name | None = None
    attempt: Count = 0
    revision: Count = 0
    step: Literal["plan", "score"] = "score"

    @property
    def run(self) -> str:
        """The name of this run among those on the same version of the file."""
        models = [self.model_version, *([self.challenger] if self.challenger else [])]
        # The digest alone: instances of one app may disagree on when it was packed.
        app = self._planner.digest or self.app_version
        return f"ranges-{self.range_bytes}-{app}-{'-'.join(models)}-{self.attempt}"

    @property
    def is_of_newer_app(self) -> bool:
        """Whether a newer version of the app than this one planned the run."""
        return self._planner.is_newer_than(app_version())

    @property
    def is_of_this_app(self) -> bool:
        """Whether this version of the app planned the run."""
        return self._planner.is_same(app_version())

    @property
    def _planner(self) -> AppVersion:
        return AppVersion.read(self.app_version)

    def encode(self) -> str:
        """Return the message's text."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def decode(cls, body: bytes) -> RangeMessage:
        """Read a message.

        Raises
        ------
        RangeMessageError
            It is not one of ours.
        """
        try:
            return msgspec.json.decode(body, type=cls)
        except NO_JSON as error:
            msg = (
                f"A message that asks for a range cannot be read: {error}. Only the app writes to that "
                "queue; if the file it belongs to has no summary, upload it again."
            )
            raise RangeMessageError(msg) from None
