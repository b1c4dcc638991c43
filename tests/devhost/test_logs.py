"""Log lines, in a process of their own: configuring the root logger would take pytest's handlers away."""

import subprocess
import sys

from tests.support.running_app import PROJECT

SPEAK = """
import logging, sys
from devhost import logs
logs.configure({levels}, "w1")
logs.current_invocation.set(("score", "123"))
logging.getLogger("mine").info("user info")
logging.getLogger("mine").warning("user warning")
logging.getLogger("Function.score").info("host about score")
logging.getLogger("Host.Blobs").info("host about blobs")
logging.getLogger("azure.core.pipeline").info("chatter")
"""


def lines(levels: dict[str, int]) -> list[str]:
    source = SPEAK.format(levels=levels)
    done = subprocess.run(
        [sys.executable, "-c", source], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    return [line.split("Z ", 1)[1] for line in done.stdout.splitlines()]


def test_a_line_names_worker_level_function_and_invocation() -> None:
    assert lines({}) == [
        "w1 INFO  [score 123] user info",
        "w1 WARN  [score 123] user warning",
        "w1 INFO  [score 123] host about score",
        "w1 INFO  [score 123] host about blobs",
    ]


def test_levels_are_by_category() -> None:
    assert lines({"Function.score.User": 30, "Host": 40}) == [
        "w1 WARN  [score 123] user warning",
        "w1 INFO  [score 123] host about score",
    ]


def test_the_default_level_holds_for_all() -> None:
    assert lines({"default": 30}) == ["w1 WARN  [score 123] user warning"]
