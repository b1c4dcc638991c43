"""Log lines, in a process of their own: configuring the root logger would take pytest's handlers away."""

import subprocess
import sys

from tests.support.running_app import PROJECT

BEGIN = """
import logging, threading
from devhost import logs
logs.configure({levels}, "w1")
logs.running_invocations["123"] = ("score", 0.0)
logs.current_invocation.set(("score", "123"))
"""

SPEAK = """
logging.getLogger("mine").info("user info")
logging.getLogger("mine").warning("user warning")
logging.getLogger("Function.score").info("host about score")
logging.getLogger("Host.Blobs").info("host about blobs")
logging.getLogger("Azure.Core").info("a storage request of devhost's")
logging.getLogger("azure.core.pipeline").info("a storage request of the app's")
logging.getLogger("mine").debug("below the worker's level")
"""


def lines(levels: dict[str, int], source: str = SPEAK) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", BEGIN.format(levels=levels) + source],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [line.split("Z ", 1)[1] for line in done.stdout.splitlines()]


def test_a_line_names_worker_level_function_and_invocation() -> None:
    assert lines({}) == [
        "w1 INFO  [score 123] user info",
        "w1 WARN  [score 123] user warning",
        "w1 INFO  [score 123] host about score",
        "w1 INFO  [score 123] host about blobs",
        "w1 INFO  [score 123] a storage request of the app's",
    ]


def test_levels_are_by_category() -> None:
    assert lines({"Function.score.User": 30, "Host": 40, "Azure.Core": 20}) == [
        "w1 WARN  [score 123] user warning",
        "w1 INFO  [score 123] host about score",
        "w1 INFO  [score 123] a storage request of devhost's",
    ]


def test_the_default_level_holds_for_all() -> None:
    assert lines({"default": 30}) == ["w1 WARN  [score 123] user warning"]


def test_a_default_of_debug_is_not_the_workers() -> None:
    """The worker's root logger is at INFO, whatever host.json says."""
    assert "below the worker's level" not in "".join(lines({"default": 10}))


def test_what_belongs_to_no_running_invocation_is_dropped() -> None:
    """A thread begins without an invocation; and what goes on after its call has the id of one that ended."""
    assert lines(
        {},
        """
def speak(who):
    for name in ("mine", "azure.storage", "HostOfMine"):
        logging.getLogger(name).error(who)
    logging.getLogger("Host.Queues").info("devhost's own, " + who)
thread = threading.Thread(target=speak, args=["a thread"]); thread.start(); thread.join()
del logs.running_invocations["123"]
speak("after the call")
""",
    ) == ["w1 INFO  devhost's own, a thread", "w1 INFO  [score 123] devhost's own, after the call"]
