"""Function keys, asked for as the Functions host asks."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from devhost.function_keys import SETTING, function_key, wants_key
from tests.conftest import RunApp
from tests.devhost.conftest import EVERY_TRIGGER, own_settings
from tests.support.running_app import RunningApp

KEY = "the=key/of+it"


@pytest.fixture(scope="module")
def keyed(run_app: RunApp) -> Iterator[RunningApp]:
    with run_app(EVERY_TRIGGER, settings={**own_settings("keyed"), SETTING: KEY}) as running:
        yield running


def status(app: RunningApp, path: str, key: str | None = None, **params: str) -> int:
    headers = {} if key is None else {"x-functions-key": key}
    return httpx.get(f"{app.base_url}/api/{path}", headers=headers, params=params or None).status_code


def test_a_function_wants_its_key(keyed: RunningApp) -> None:
    assert status(keyed, "files/a", KEY) == 200
    assert status(keyed, "files/a", code=KEY) == 200
    for wrong in ("", "wrong", KEY.upper(), f"{KEY} x"):
        assert status(keyed, "files/a", wrong) == 401
        assert status(keyed, "files/a", code=wrong) == 401
    refused = httpx.post(f"{keyed.base_url}/api/files/a", content=b"x" * 100_000)
    assert (refused.status_code, refused.content) == (401, b"")


def test_the_header_wins_over_the_query(keyed: RunningApp) -> None:
    assert status(keyed, "files/a", "wrong", code=KEY) == 401
    assert status(keyed, "files/a", KEY, code="wrong") == 200


def test_an_anonymous_function_and_an_unknown_path_want_none(keyed: RunningApp) -> None:
    assert status(keyed, "echo/x") == 201
    assert status(keyed, "echo/x", "wrong") == 201
    assert status(keyed, "nonesuch") == 404


def test_without_the_setting_no_key_is_asked_for(app: RunningApp) -> None:
    assert status(app, "files/a") == 200


@pytest.mark.parametrize(("environment", "key"), [({}, None), ({SETTING: ""}, None), ({SETTING: "x"}, "x")])
def test_the_setting(environment: dict[str, str], key: str | None) -> None:
    assert function_key(environment) == key


@pytest.mark.parametrize(
    ("trigger", "wanted"),
    [
        ({}, True),
        ({"authLevel": "FUNCTION"}, True),
        ({"authLevel": "ADMIN"}, True),
        ({"authLevel": "anonymous"}, False),
    ],
)
def test_levels(trigger: dict[str, object], wanted: bool) -> None:
    assert wants_key(trigger) is wanted
