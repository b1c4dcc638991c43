"""Blueprint of the pages for people: a forecast of a pasted drive, the API's documentation, the model's card.

The documentation is drawn in the browser from openapi.json by a few small scripts of our own. Swagger UI's
distribution is 1.5 MB of somebody else's minified code in every deployment, and wants inline styles; this is
some 40 kB that a strict Content-Security-Policy admits.

Home page, documentation and their files hold no data and need no key; what they ask the app for does.
"""

from __future__ import annotations

import azure.functions as func

from functions.http.endpoints import endpoint
from functions.http.errors import NotFoundError
from functions.http.request import Request
from functions.pages.browser_answer import HTML, browser_answer
from functions.pages.site_files import site_file
from functions.scoring.telemetry import show_value

blueprint = func.Blueprint()  # type: ignore[no-untyped-call]

AT_THE_PREFIX = "{ignored:maxlength(0)?}"
"""Route of the prefix itself, /api and /api/. For an empty route the Functions host takes the function's name
(Azure/Azure-Functions issue 2473); an optional parameter without room for a letter is the way around it."""

PAGE = {"type": "string", "description": "A page."}


@endpoint(blueprint, "GET", AT_THE_PREFIX, answer=PAGE, answer_type=HTML, anonymous=True, in_document=False)
def home(request: Request) -> func.HttpResponse:
    """Show the page on which a drive's telemetry is pasted and its forecast seen."""
    return _file(request, "home.html")


@endpoint(blueprint, "GET", "pages/{name}", errors=(NotFoundError,), anonymous=True, in_document=False)
def page_file(request: Request) -> func.HttpResponse:
    """Return a script, a style sheet or a picture of the pages."""
    return _file(request, request.route("name"))


@endpoint(blueprint, "GET", "docs", answer=PAGE, answer_type=HTML, anonymous=True)
def docs(request: Request) -> func.HttpResponse:
    """Show this documentation as an interactive page.

    Every endpoint with its fields, examples and errors; requests can be filled in and sent.
    """
    return _file(request, "docs.html")


@endpoint(blueprint, "GET", "model/card", name="model_card", answer=PAGE, answer_type=HTML)
def model_card(request: Request) -> func.HttpResponse:
    """Show the card of the model that answers.

    Forecast, metrics with their protocol, thresholds, features and training data. In a browser the function
    key travels as ?code=.
    """
    # Imported here: predictions do without it.
    from functions.pages.model_card import card
    from functions.serving.models import aliases, scorer

    manifest = scorer().model.manifest
    named = sorted(alias for alias, version in aliases().items() if version == manifest.version)
    return browser_answer(request, card(manifest, named).encode(), HTML)


def _file(request: Request, name: str) -> func.HttpResponse:
    found = site_file(name)
    if found is None:
        msg = f"There is nothing at {show_value('/pages/' + name)}; the pages begin at GET docs."
        raise NotFoundError(msg)
    return browser_answer(request, *found)
