"""The container of telemetry files, over the REST interface of Azure's blob storage."""

from __future__ import annotations

import base64
import email.utils
import hashlib
import re
from typing import Callable
from urllib.parse import quote, urlsplit, urlunsplit

from collector.sending.delivery import Receiver
from collector.sending.http_exchange import Outgoing, Reply
from collector.sending.parcel import BLOB, Parcel

API_VERSION = "2021-08-06"
"""Version of the REST interface, ``x-ms-version``."""

CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
"""Media types by a blob's ending."""

ADVICE = (
    "check that the SAS of --upload is not expired and may create and write blobs (sp=cw), or that the "
    "signed-in identity has the role Storage Blob Data Contributor on the container"
)


def blob_container(container: str, token: Callable[[], str]) -> Receiver:
    """Return the receiver of telemetry files.

    Parameters
    ----------
    container : str
        Address of the container, with a SAS as its query, or without one.
    token : callable
        Returns a bearer token; asked once, and only where there is no SAS.
    """
    parts = urlsplit(container)
    parts = parts._replace(query=parts.query.lstrip("?"))  # the portal shows a SAS with its question mark
    tokens: dict[str, str] = {}

    def request(parcel: Parcel) -> Outgoing:
        path = "{}/{}".format(parts.path.rstrip("/"), quote(parcel.name))
        headers = {
            "x-ms-blob-type": "BlockBlob",
            "x-ms-version": API_VERSION,
            "x-ms-date": email.utils.formatdate(usegmt=True),
            "Content-Type": CONTENT_TYPES.get(parcel.name.rpartition(".")[2], "application/octet-stream"),
            **_digest(parcel.body),
        }
        if not parts.query:
            headers["Authorization"] = "Bearer " + tokens.setdefault("", tokens.get("") or token())
        return Outgoing("PUT", urlunsplit(parts._replace(path=path)), headers, parcel.body)

    return Receiver({BLOB}, request, _nothing_to_say, _why, ADVICE)


def _digest(body: bytes) -> dict[str, str]:
    """Return the header by which storage refuses content that was damaged on its way."""
    try:
        digest = hashlib.md5(body).digest()  # noqa: S324 - storage's choice, and no secret
    except ValueError:  # a host in FIPS mode has no MD5
        return {}
    return {"Content-MD5": base64.b64encode(digest).decode("ascii")}


def _nothing_to_say(_parcel: Parcel, _reply: Reply) -> None:
    """Take the reply to a blob, which says nothing that a person needs."""


def _why(reply: Reply) -> str:
    text = reply.body[:4000].decode("utf-8", "replace")
    message = re.search(r"<Message>([^<\r\n]*)", text)
    return ": ".join(filter(None, [reply.headers.get("x-ms-error-code", ""), message[1] if message else ""]))
