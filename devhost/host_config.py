"""host.json: the parts that change what devhost does, read and checked once."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from devhost.errors import DevhostError
from devhost.logs import LEVELS

_OVERRIDE = "AzureFunctionsJobHost__"
_TIME_SPAN = re.compile(r"^(?:(\d+)\.)?(\d{1,2}):(\d{1,2}):(\d{1,2}(?:\.\d+)?)$")


@dataclass(frozen=True)
class HostConfig:
    """The settings of host.json; the defaults are the Functions host's unless noted."""

    route_prefix: str = "api"
    max_outstanding_requests: int = -1
    """HTTP requests in progress in one worker above which the answer is 429; -1: no limit."""
    blob_max_degree_of_parallelism: int = 8 * (os.cpu_count() or 1)
    poison_blob_threshold: int = 5
    queue_batch_size: int = 16
    queue_new_batch_threshold: int = 8 * (os.cpu_count() or 1)
    queue_max_dequeue_count: int = 5
    queue_visibility_timeout: float = 0.0
    """Seconds until a failed message is tried again."""
    queue_max_polling_interval: float = 1.0
    """Longest pause between looks at an empty queue, seconds; the Functions host's default is a minute."""
    queue_base64: bool = True
    """Whether message bodies are base64 on the wire (``messageEncoding``)."""
    function_timeout: float | None = None
    """Seconds after which a running function costs its worker process its life; None: no limit."""
    log_levels: Mapping[str, int] = field(default_factory=dict)


def load(app: Path, environment: Mapping[str, str] | None = None) -> HostConfig:
    """Read the app's host.json, with the environment's ``AzureFunctionsJobHost__a__b`` overrides applied.

    Raises
    ------
    DevhostError
        If the file is missing, is not a JSON object, or holds a value of the wrong type or range.
    """
    path = app / "host.json"
    try:
        document = json.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise DevhostError(
            f"""{path}: not found; a Functions app has one: echo '{{"version": "2.0"}}' > {path}"""
        ) from None
    except (ValueError, OSError) as error:
        raise DevhostError(f"{path}: expected a JSON object, found something unreadable: {error}") from None
    if not isinstance(document, dict):
        raise DevhostError(f"{path}: expected a JSON object, found {type(document).__name__}")
    for name, value in (os.environ if environment is None else environment).items():
        if name.startswith(_OVERRIDE):
            _override(document, name.removeprefix(_OVERRIDE).split("__"), value)
    return _Reader(path, document).config()


def _override(document: dict[str, Any], keys: list[str], value: str) -> None:
    for key in keys[:-1]:
        inner = document.setdefault(key, {})
        if not isinstance(inner, dict):
            return
        document = inner
    document[keys[-1]] = value


class _Reader:
    """Takes typed values out of the document by their dotted path."""

    def __init__(self, path: Path, document: dict[str, Any]) -> None:
        self._path = path
        self._document = document

    def config(self) -> HostConfig:
        base = HostConfig()
        batch = self._integer("extensions.queues.batchSize", base.queue_batch_size, 1, 32)
        encoding = str(self._find("extensions.queues.messageEncoding", "base64")).lower()
        if encoding not in ("base64", "none"):
            raise self._wrong("extensions.queues.messageEncoding", encoding, '"base64" or "none"')
        return HostConfig(
            route_prefix=str(self._find("extensions.http.routePrefix", base.route_prefix)).strip("/"),
            max_outstanding_requests=self._integer("extensions.http.maxOutstandingRequests", -1, -1, 10**6),
            blob_max_degree_of_parallelism=self._integer(
                "extensions.blobs.maxDegreeOfParallelism", base.blob_max_degree_of_parallelism, 1, 1000
            ),
            poison_blob_threshold=self._integer("extensions.blobs.poisonBlobThreshold", 5, 1, 1000),
            queue_batch_size=batch,
            queue_new_batch_threshold=self._integer(
                "extensions.queues.newBatchThreshold", max(1, batch // 2) * (os.cpu_count() or 1), 0, 1000
            ),
            queue_max_dequeue_count=self._integer("extensions.queues.maxDequeueCount", 5, 1, 1000),
            queue_visibility_timeout=self._seconds("extensions.queues.visibilityTimeout", 0.0),
            queue_max_polling_interval=max(
                0.1, self._seconds("extensions.queues.maxPollingInterval", base.queue_max_polling_interval)
            ),
            queue_base64=encoding == "base64",
            function_timeout=self._timeout(),
            log_levels=self._levels(),
        )

    def _wrong(self, key: str, found: object, expected: str) -> DevhostError:
        return DevhostError(f"{self._path}: {key} is {found!r}; expected {expected}")

    def _find(self, key: str, default: Any) -> Any:
        node: Any = self._document
        for name in key.split("."):
            if not isinstance(node, dict) or name not in node:
                return default
            node = node[name]
        return node

    def _integer(self, key: str, default: int, low: int, high: int) -> int:
        found = self._find(key, default)
        try:
            number = int(found)
        except (TypeError, ValueError):
            number = low - 1
        if isinstance(found, bool | float) or not low <= number <= high:
            raise self._wrong(key, found, f"a whole number from {low} to {high}")
        return number

    def _seconds(self, key: str, default: float) -> float:
        found = self._find(key, None)
        if found is None:
            return default
        match = _TIME_SPAN.match(found) if isinstance(found, str) else None
        if match is None:
            raise self._wrong(key, found, 'a time span such as "00:00:30"')
        days, hours, minutes, seconds = match.groups()
        return int(days or 0) * 86400 + int(hours) * 3600 + int(minutes) * 60 + float(seconds)

    def _timeout(self) -> float | None:
        found = self._find("functionTimeout", None)
        return None if found in (None, "-1", -1) else self._seconds("functionTimeout", 0.0)

    def _levels(self) -> dict[str, int]:
        found = self._find("logging.logLevel", {})
        if not isinstance(found, dict):
            raise self._wrong("logging.logLevel", found, "an object of category to level")
        levels = {}
        for category, level in found.items():
            if str(level).lower() not in LEVELS:
                raise self._wrong(f"logging.logLevel.{category}", level, "one of " + ", ".join(LEVELS))
            levels[category] = LEVELS[str(level).lower()]
        return levels
