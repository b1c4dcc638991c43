"""The first try of a file that the blob trigger delivers; the others come from a queue, minutes apart.

The host tries a blob five times within seconds, whatever host.json says. A role that has not arrived yet, or
a model that is away, takes longer. So a try that fails hands the file on to the queue that announces files,
whose tries are spaced by host.json's ``visibilityTimeout``. A worker that dies hands nothing on; the host's
own tries follow then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from functions.batch.complete_file import Outcome
from functions.batch.dispatch import pin, score_pinned
from functions.batch.event_message import announcement
from functions.errors import DrivecastError
from functions.storage import containers
from functions.storage.errors import SourceGoneError, SourceNameTooLongError, SourcePathError

if TYPE_CHECKING:
    from collections.abc import Callable

    from azure.storage.blob import BlobServiceClient


class HandedOn(NamedTuple):
    """A file that could not be scored now.

    Attributes
    ----------
    cause : str
        Why, for the log.
    message : str
        For the queue; see `functions.batch.event_message.announcement`.
    """

    cause: str
    message: str


def score_or_hand_on(connect: Callable[[], BlobServiceClient], name: str) -> Outcome | HandedOn:
    """Score a file of the container `telemetry`, or plan its ranges, or say with what it is handed on.

    Parameters
    ----------
    connect : callable
        Gives the account, or raises; that may mend itself, too.
    name : str

    Raises
    ------
    SourceNameTooLongError, SourcePathError
        Time mends no name, and the message of a file without a summary has to say so.
    """
    etag = ""
    try:
        service = connect()
        source = pin(service, name)
        etag = source.etag
        return score_pinned(service, source)
    except (SourceNameTooLongError, SourcePathError):
        raise
    except SourceGoneError as error:
        return Outcome(f"stopped: {error.detail}", [])
    except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
        return HandedOn(_cause(error), announcement(containers.TELEMETRY, name, etag))


def _cause(error: Exception) -> str:
    if isinstance(error, DrivecastError):
        return error.detail
    return f"{type(error).__name__}: {next(iter(str(error).splitlines()), '').removesuffix('.')}."
