"""A request's target, read as Kestrel and ASP.NET read it: path, query, and the URL a function is told.

Percent-encoding is undone where it is UTF-8 and left as it stands elsewhere; ``%2F`` stays, so a parameter
may hold it; a NUL is refused. Dot segments are taken out after that, encoded ones, too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import quote, unquote, urlsplit


class BadTargetError(ValueError):
    """A target Kestrel answers 400."""


@dataclass(frozen=True)
class RequestTarget:
    """A request's target in its parts."""

    path: str
    """Decoded, without dot segments; empty for ``*`` and CONNECT."""
    query: str
    """As sent, with its question mark; empty if there is none."""
    authority: str | None = None
    """Host and port an absolute target names; the Host header has to be the same."""
    default_port: str | None = None
    """It with the scheme's own port, where the target names none."""

    @property
    def url_path(self) -> str:
        """Path as it stands in the URL a function is given."""
        return _encode_path(self.path)

    @property
    def url_query(self) -> str:
        """Query as it stands in that URL."""
        return self.query.replace("#", "%23")


@lru_cache(maxsize=1024)
def read_target(method: str, raw: bytes) -> RequestTarget:
    """Read a target as it stands in the request line; BadTargetError if Kestrel would answer 400."""
    if not raw.isascii() or b"\0" in raw:
        raise BadTargetError("a target is ASCII")
    text = raw.decode("ascii")
    if text.startswith("/"):
        path, mark, query = text.partition("?")
        return RequestTarget(_without_dots(_decode_path(path)), mark + query)
    if text == "*":
        if method != "OPTIONS":
            raise BadTargetError("* is a target of OPTIONS")
        return RequestTarget("", "")
    if text.lower().startswith(("http://", "https://")):
        return _absolute(text)
    if method != "CONNECT":
        raise BadTargetError("a host alone is a target of CONNECT")
    return RequestTarget("", "", text)


def _absolute(text: str) -> RequestTarget:
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        raise BadTargetError("not a URL") from None
    host = (url.hostname or "").lower()
    if not host:
        raise BadTargetError("a URL without a host")
    own = 443 if url.scheme == "https" else 80
    authority = host if port in (None, own) else f"{host}:{port}"
    with_port = f"{host}:{own}" if port in (None, own) else None
    query = text[text.index("?") :] if "?" in text else ""
    return RequestTarget(_without_dots(unquote(url.path) or "/"), query, authority, with_port)


_PATH_ESCAPES = re.compile(r"(?:%(?!2[fF])[0-9a-fA-F]{2})+")
_ESCAPES = re.compile(r"(?:%[0-9a-fA-F]{2})+")


def _unescape(found: re.Match[str]) -> str:
    run = found[0]
    data = bytes.fromhex(run.replace("%", ""))
    try:
        return data.decode()
    except UnicodeDecodeError:
        pass
    pieces, start = [], 0
    while start < len(data):
        try:
            pieces.append(data[start:].decode())
            break
        except UnicodeDecodeError as error:
            pieces.append(data[start : start + error.start].decode())
            pieces.append(run[3 * (start + error.start) : 3 * (start + error.end)])
            start += error.end
    return "".join(pieces)


def _decode_path(path: str) -> str:
    if "%" not in path:
        return path
    decoded = _PATH_ESCAPES.sub(_unescape, path)
    if "\0" in decoded:
        raise BadTargetError("a path holds no NUL")
    return decoded


def _without_dots(path: str) -> str:
    """Take out dot segments as RFC 3986, section 5.2.4, says."""
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")[1:]
    for number, segment in enumerate(segments):
        last = number == len(segments) - 1
        if segment == "..":
            if kept:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
            continue
        if last:
            kept.append("")
    return "/" + "/".join(kept)


def _encode_path(path: str) -> str:
    """Encode what a path does not hold as it is; an escape that is there already stays."""
    if _PLAIN_PATH.fullmatch(path):
        return path
    return re.sub(r"%[0-9a-fA-F]{2}|[^%]+|%", _encode_piece, path)


_PLAIN_PATH = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@/]*")


def _encode_piece(found: re.Match[str]) -> str:
    piece = found[0]
    return piece if len(piece) == 3 and piece[0] == "%" else quote(piece, safe="-._~!$&'()*+,;=:@/")  # noqa: PLR2004


_ENTRIES = 10
"""Names a query may have before ASP.NET keeps them in another kind of dictionary."""


@lru_cache(maxsize=256)
def read_query(query: str) -> Mapping[str, str]:
    """Return names and values as ASP.NET joins them; what is empty then is left out by the host.

    A name given again, in whatever case, has its values joined by a comma, without those that are empty. Of
    several spellings the second counts; among more than ten names, the first.
    """
    spelled: dict[str, str] = {}
    values: dict[str, list[str]] = {}
    for piece in query.removeprefix("?").split("&"):
        if not piece:
            continue
        name, _, value = (_decode_query(part) for part in piece.partition("="))
        key = name.lower()
        if key not in values:
            spelled[key], values[key] = name, [value]
            continue
        values[key].append(value)
        if len(values[key]) == 2 and len(values) <= _ENTRIES:  # noqa: PLR2004
            spelled[key] = name
    return MappingProxyType({spelled[key]: join_values(given) for key, given in values.items()})


def first_value(query: str, name: str) -> str | None:
    """Return the first value of a name, in whatever case; None if the query does not hold it."""
    for piece in query.removeprefix("?").split("&"):
        key, _, value = piece.partition("=")
        if piece and _decode_query(key).lower() == name:
            return _decode_query(value)
    return None


def join_values(values: list[str]) -> str:
    """Join a name's values as .NET's StringValues does."""
    return values[0] if len(values) == 1 else ",".join(value for value in values if value)


def _decode_query(text: str) -> str:
    text = text.replace("+", " ")
    return _ESCAPES.sub(_unescape, text) if "%" in text else text


_HOST = re.compile(r"(?:\[[0-9a-fA-F:.]+\]|[\w-]+(?:\.[\w-]+)*\.?)(?::(\d*))?")
_LAST_PORT = 65535


@lru_cache(maxsize=64)
def names_a_host(header: str) -> bool:
    """Say whether .NET's Uri takes what the header Host says; the host answers 500 where it does not.

    A function's URL is made of it (HttpTriggerAttributeBindingProvider.ToInvokeString of the WebJobs SDK
    extensions), after Kestrel has let it pass.
    """
    found = _HOST.fullmatch(header)
    return found is not None and int(found[1] or 0) <= _LAST_PORT
