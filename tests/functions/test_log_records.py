"""A log line is one line, whatever is in the names it tells."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

import pytest

from functions.log_records import keep_to_one_line, one_line
from tests.test_function_app import run

HOSTILE = "day.csv\nERROR all is lost\r\x1b[2J\x00\x85\u2028"
BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@pytest.fixture
def one_line_each() -> Iterator[None]:
    before = logging.getLogRecordFactory()
    keep_to_one_line()
    keep_to_one_line()
    yield
    logging.setLogRecordFactory(before)


def test_escapes() -> None:
    assert one_line("a\nb\x00é") == "a\\nb\\x00é"
    assert not BREAKS.search(one_line(HOSTILE))


@pytest.mark.usefixtures("one_line_each")
def test_names_and_errors(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("drivecast.test")
    log.error("%s is skipped: %s", HOSTILE, ValueError(HOSTILE))
    log.error(f"{HOSTILE} is skipped")  # noqa: G004 - as others may write
    log.error("%d%% of %s", 5, "day.csv")
    log.error("what is %s", {"name": "day.csv"})
    assert not any(BREAKS.search(record.getMessage()) for record in caplog.records)
    assert [record.getMessage() for record in caplog.records[2:]] == [
        "5% of day.csv",
        "what is {'name': 'day.csv'}",
    ]
    assert caplog.records[2].args == (5, "day.csv")


LOGGED = """
import json, logging, sys
from pathlib import Path
from devhost.runtime import Runtime
Runtime(Path.cwd())
made = logging.getLogger("x").makeRecord("x", logging.INFO, "f", 1, "%s", (sys.argv[1],), None)
print(json.dumps(made.getMessage()))
"""


def test_the_app_keeps_to_it() -> None:
    assert run(LOGGED, "a\nb") == "a\\nb"
