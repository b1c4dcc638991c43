"""Answers that browsers show: what a page may load, and that an unchanged one need not travel again."""

from __future__ import annotations

from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING

import azure.functions as func

if TYPE_CHECKING:
    from functions.http.request import Request

HTML = "text/html"

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'self'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
"""Nothing inline, nothing from another host, in no frame; and no string ever becomes markup in a script."""

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    # A browser keeps it and asks whether it is still the same: after a deployment nobody sees half of each.
    "Cache-Control": "no-cache",
}


def browser_answer(request: Request, content: bytes, media_type: str) -> func.HttpResponse:
    """Answer with UTF-8 text, or with 304 when the browser has it."""
    tag = f'"{sha256(content).hexdigest()[:20]}"'
    headers = {**HEADERS, "ETag": tag}
    if _has(request.header("if-none-match"), tag):
        return func.HttpResponse(status_code=HTTPStatus.NOT_MODIFIED, headers=headers, mimetype=media_type)
    return func.HttpResponse(content, headers=headers, mimetype=media_type)


def _has(if_none_match: str, tag: str) -> bool:
    """Say whether a browser's If-None-Match has the tag; one that a proxy has made weak counts."""
    known = [part.strip().removeprefix("W/") for part in if_none_match.split(",")]
    return tag in known or "*" in known
