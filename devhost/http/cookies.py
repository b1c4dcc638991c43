"""Set-Cookie as the host writes it: the worker takes a cookie apart, ASP.NET puts it together anew.

The worker hands over the fields `http.cookies` knows. Domain and path are written even where they are empty,
as the worker sends empty ones and not none.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from http.cookies import Morsel
from urllib.parse import quote

_EXPIRES = "%a, %d %b %Y %H:%M:%S GMT"


def write_cookie(name: str, cookie: Morsel[str]) -> str:
    """Write one cookie; ValueError, answered 500, if ``expires`` or ``max-age`` cannot be read."""
    text = f"{name}={quote(cookie.value, safe='')}"
    expires = str(cookie["expires"])
    if expires:
        moment = datetime.strptime(expires, _EXPIRES).replace(tzinfo=UTC)
        text += f"; expires={format_datetime(moment, usegmt=True)}"
    if cookie["max-age"]:
        age = int(float(cookie["max-age"]))
        if age < 0:
            raise ValueError("max-age is below 0")
        text += f"; max-age={age}"
    text += f"; domain={cookie['domain']}; path={cookie['path']}"
    if cookie["secure"]:
        text += "; secure"
    same_site = str(cookie["samesite"]).lower()
    if same_site in ("lax", "strict", "none"):
        text += f"; samesite={same_site}"
    return text + "; httponly" if cookie["httponly"] else text
