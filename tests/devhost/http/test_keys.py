"""Keys, asked for as the Functions host asks; most of it is in the recordings."""

from __future__ import annotations

import httpx
import pytest

from devhost.http.keys import (
    FUNCTION_SETTING,
    MASTER_SETTING,
    SYSTEM_SETTING,
    Keys,
    Level,
    describe,
    level_of,
    read_keys,
)
from tests.support.running_app import RunningApp

KEYS = Keys(function="f", master="m", system="s")


def status(app: RunningApp, path: str, key: str | None = None, **params: str) -> int:
    headers = {} if key is None else {"x-functions-key": key}
    return httpx.get(f"{app.base_url}/{path}", headers=headers, params=params or None).status_code


def test_without_a_key_set_none_is_asked_for(app: RunningApp) -> None:
    assert status(app, "api/files/a") == 200
    assert status(app, "admin/functions") == 200
    assert status(app, "admin/functions", "any") == 200


def test_the_settings() -> None:
    assert read_keys({}) == Keys()
    assert read_keys({FUNCTION_SETTING: ""}) == Keys()
    assert not Keys().asked_for
    found = read_keys({FUNCTION_SETTING: "f", MASTER_SETTING: "m", SYSTEM_SETTING: "s"})
    assert found == KEYS
    assert found.asked_for


def test_what_is_said_of_them_at_the_start(app: RunningApp) -> None:
    assert "DEVHOST_FUNCTION_KEY, " in app.output
    assert MASTER_SETTING in describe(Keys(function="f"))
    assert MASTER_SETTING not in describe(KEYS)


def scope(query: str = "", *headers: tuple[bytes, bytes]) -> dict[str, object]:
    return {"type": "http", "headers": list(headers), "query_string": query.encode()}


@pytest.mark.parametrize(
    ("asked", "level"),
    [
        (scope(), Level.ANONYMOUS),
        (scope("code=f"), Level.FUNCTION),
        (scope("CoDe=m"), Level.ADMIN),
        (scope("%63ode=s"), Level.SYSTEM),
        (scope("code=f&code=m"), Level.FUNCTION),
        (scope("code=&code=m"), Level.ANONYMOUS),
        (scope("a=code=m"), Level.ANONYMOUS),
        (scope("code=m", (b"x-functions-key", b"")), Level.ANONYMOUS),
        (scope("", (b"x-functions-key", b"f"), (b"x-functions-key", b"m")), Level.FUNCTION),
        (scope("code=m", (b"x-functions-key", "é".encode())), Level.ANONYMOUS),
    ],
)
def test_what_a_key_opens(asked: dict[str, object], level: Level) -> None:
    assert KEYS.level(asked) is level


@pytest.mark.parametrize(
    ("trigger", "wanted"),
    [
        ({}, Level.FUNCTION),
        ({"authLevel": "FUNCTION"}, Level.FUNCTION),
        ({"authLevel": "ADMIN"}, Level.ADMIN),
        ({"authLevel": "anonymous"}, Level.ANONYMOUS),
    ],
)
def test_levels(trigger: dict[str, object], wanted: Level) -> None:
    assert level_of(trigger) is wanted


@pytest.mark.parametrize(
    ("wanted", "keys"), [(Level.FUNCTION, "fm"), (Level.ADMIN, "m"), (Level.ANONYMOUS, "fmsx")]
)
def test_a_level_is_opened_by_its_own_key_and_the_masters(wanted: Level, keys: str) -> None:
    assert [key for key in "fmsx" if KEYS.admits(scope(f"code={key}"), wanted)] == list(keys)


@pytest.mark.parametrize("wanted", [Level.ADMIN, Level.SYSTEM])
def test_with_one_key_set_the_pages_of_the_others_stay_shut(wanted: Level) -> None:
    keys = Keys(function="f")
    assert not keys.admits(scope(), wanted)
    assert not keys.admits(scope("code=f"), wanted)
