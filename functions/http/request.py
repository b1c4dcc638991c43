"""One request, as its handler sees it: parameters, the checked body, ids, and a stopwatch."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from functions.http.body import CSV, check_json, media_type, plain
from functions.http.concurrency import bytes_in_progress
from functions.http.errors import LengthRequiredError
from functions.http.timing import Stopwatch
from functions.http.trace_context import REQUEST_ID, TRACEPARENT, names_of
from functions.settings import settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import azure.functions as func


SMALL_BYTES = 65_536
"""Bodies up to this are not among MAX_BYTES_IN_PROGRESS: however many there are, a large one finds room."""


class Request:
    """One request.

    Attributes
    ----------
    request_id, traceparent : str
        As the answer carries them.
    watch : Stopwatch
        Started.
    """

    __slots__ = ("_headers", "_weight", "raw", "request_id", "traceparent", "watch")

    def __init__(self, request: func.HttpRequest) -> None:
        self.watch = Stopwatch()
        self.raw = request
        self._weight = 0
        self._headers = _by_lower_name(request.headers)
        self.request_id, self.traceparent = names_of(self.header(REQUEST_ID), self.header(TRACEPARENT))

    def header(self, name: str) -> str:
        """Return a header of the request; empty when absent."""
        return self._headers.get(name.lower(), "")

    @property
    def params(self) -> Mapping[str, str]:
        """The query parameters."""
        params: Mapping[str, str] = self.raw.params
        return params

    def route(self, name: str) -> str:
        """Return a parameter of the path; empty when absent."""
        return str(self.raw.route_params.get(name, ""))

    @property
    def size(self) -> int:
        """Bytes of the body as it came."""
        return len(self.raw.get_body())

    def body(
        self, accepted: Sequence[str], limit: int, *, most: int | None = None, mixed: bool = False
    ) -> tuple[bytes, str]:
        """Return the body, checked but not parsed, and its media type; it counts as in progress from here on.

        Parameters
        ----------
        accepted : sequence of str
            Media types; the first is assumed when the request names none.
        limit : int
            Most bytes.
        most : int, optional
            Most drives it is to hold; the objects and lists of more are not made.
        mixed : bool
            Whether bytes may follow the JSON, which the caller then checks by itself.

        Raises
        ------
        RequestError
            The body did not arrive, or its media type, encoding, size, text or depth is not what is accepted.
        TooManyRequestsError
            Too much is in progress.
        """
        body = self.raw.get_body()
        if not body:
            self._refuse_chunks()
        kind = media_type(self.header("content-type"), accepted)
        body = plain(body, self.header("content-encoding"), limit)
        if len(body) > SMALL_BYTES:
            bytes_in_progress().acquire(len(body))
            self._weight = len(body)
        if kind != CSV and not mixed:
            check_json(body, settings().max_json_depth, most)
        return body, kind

    def done(self) -> None:
        """Count the body as in progress no longer."""
        if self._weight:
            bytes_in_progress().release(self._weight)
            self._weight = 0

    def _refuse_chunks(self) -> None:
        """Say so if the body was sent in chunks: of such a request the host hands over the header alone."""
        if "chunked" in self.header("transfer-encoding").lower():
            msg = (
                "The body did not arrive: it was sent in chunks (Transfer-Encoding: chunked), of which the "
                "host hands none over. Send it with a Content-Length; in .NET buffer the content first "
                "(await content.LoadIntoBufferAsync()), in Node pass no stream, with curl use "
                "--data-binary @file."
            )
            raise LengthRequiredError(msg)


def _by_lower_name(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Return headers as a dict by lower name: what Azure's mapping has within, and asks by two calls each."""
    inner: Mapping[str, str] | None = getattr(headers, "__http_headers__", None)
    return inner if inner is not None else {name.lower(): value for name, value in headers.items()}


def hash_serial(serial_number: str) -> str:
    """Return what a log may say of a serial number: a keyed hash, the same for the same drive."""
    key = settings().log_hash_key.encode()[:64]
    return blake2b(serial_number.encode(), digest_size=8, key=key).hexdigest()
