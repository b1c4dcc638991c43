"""The app's settings: one table that is parsed, validated and documented from."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from functions.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_log = logging.getLogger(__name__)

APP_ROOT = Path(__file__).resolve().parent.parent
"""The folder with ``function_app.py``; relative paths in settings start here."""


_DIGITS = 18
"""Python refuses to read numbers of thousands of digits; nobody sets one."""


@dataclass(frozen=True, slots=True)
class Setting[T]:
    """One app setting; *parse* gives a text's value, or raises ValueError with the expectation.

    *former* is its name in an earlier release, read where *name* is not set; "" without one.
    """

    name: str
    default: str
    parse: Callable[[str], T]
    meaning: str
    former: str = ""


def _between(low: float, high: float, unit: str = "") -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            msg = f"a number from {low:g} to {high:g}{unit}"
            raise ValueError(msg)
        return value

    return parse


def _whole(low: int, high: int, unit: str) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS and low <= int(text) <= high):
            msg = f"a whole number from {low} to {high}{unit}"
            raise ValueError(msg)
        return int(text)

    return parse


def _folder(text: str) -> Path:
    return APP_ROOT / text


def _name(text: str) -> str:
    if not text.strip():
        msg = "a name"
        raise ValueError(msg)
    return text.strip()


def _one_of[T: str](*allowed: T) -> Callable[[str], T]:
    def parse(text: str) -> T:
        for each in allowed:
            if text == each:
                return each
        msg = f"one of {', '.join(allowed)}"
        raise ValueError(msg)

    return parse


MODELS_FOLDER = Setting(
    "MODELS_FOLDER", "models", _folder, "Folder of the package with the model versions and registry.json."
)
MODEL = Setting("MODEL", "champion", _name, "Alias or version of the model that answers.")
MODELS_SOURCE = Setting(
    "MODELS_SOURCE",
    "package",
    _one_of("package", "container"),
    "Where models come from: the deployed package, or the container models of the storage account.",
)
MODELS_REFRESH_SECONDS = Setting(
    "MODELS_REFRESH_SECONDS",
    "60",
    _whole(1, 86_400, " seconds"),
    "Seconds after which the registry in the container models is read again.",
)
MAX_BODY_BYTES = Setting(
    "MAX_BODY_BYTES",
    "262144",
    _whole(1024, 104_857_600, " bytes"),
    "Largest body of an HTTP request about one drive, in bytes.",
)
MAX_BATCH_BODY_BYTES = Setting(
    "MAX_BATCH_BODY_BYTES",
    "4194304",
    _whole(1024, 104_857_600, " bytes"),
    "Largest body of an HTTP request about many drives, in bytes.",
)
MAX_DRIVES = Setting("MAX_DRIVES", "1000", _whole(1, 100_000, " drives"), "Most drives of one HTTP request.")
MAX_JSON_DEPTH = Setting(
    "MAX_JSON_DEPTH", "32", _whole(8, 512, " levels"), "How deeply the JSON of a request may be nested."
)
MAX_REQUESTS_IN_PROGRESS = Setting(
    "MAX_REQUESTS_IN_PROGRESS",
    "24",
    _whole(1, 10_000, " requests"),
    "HTTP requests that one process answers at the same time; one more gets 429. Below "
    "PYTHON_THREADPOOL_THREAD_COUNT.",
)
MAX_BYTES_IN_PROGRESS = Setting(
    "MAX_BYTES_IN_PROGRESS",
    "1048576",
    _whole(1024, 1_073_741_824, " bytes"),
    "Bytes of large bodies, those above 64 KiB once decompressed, that one process works on at the same "
    "time; what is more gets 429. One alone may have more.",
)
LOG_HASH_KEY = Setting(
    "LOG_HASH_KEY", "", str, "Key of the hashes that stand for serial numbers in the logs; secret, or empty."
)
MAX_REJECT_SHARE = Setting(
    "MAX_REJECT_SHARE",
    "0.5",
    _between(0, 1),
    "Share of rejected lines above which a telemetry file fails as a whole.",
)
type EscapedOutputs = Literal["none", "rejects", "all"]
"""Outputs in which no text is a formula. Scored rows are joined by their drives: they are apart."""

ESCAPE_FORMULAS: Setting[EscapedOutputs] = Setting(
    "ESCAPE_FORMULAS",
    "rejects",
    _one_of("none", "rejects", "all"),
    "Outputs (none, rejects, or all: scored rows too) in which text that begins with =, +, -, @ (full-width "
    "ones too), a tab, a carriage return or NUL gets an apostrophe in front, so that no spreadsheet takes it "
    "for a formula.",
)
SCORE_THREADS = Setting(
    "SCORE_THREADS",
    "2",
    _whole(1, 64, " threads"),
    "Blocks of a telemetry file that are scored at the same time.",
)
RANGE_BYTES = Setting(
    "RANGE_BYTES",
    "67108864",
    _whole(4096, 4_294_967_296, " bytes"),
    "Telemetry blobs larger than this are scored in ranges of this size, on as many instances as there are.",
    former="CHUNK_BYTES",
)
DOWNLOAD_CHUNK_BYTES = Setting(
    "DOWNLOAD_CHUNK_BYTES",
    "16777216",
    _whole(65_536, 268_435_456, " bytes"),
    "Bytes of a telemetry blob fetched by one request; at most two such chunks are in memory.",
)
BLOB_TRIGGER_SOURCE = Setting(
    "BLOB_TRIGGER_SOURCE",
    "EventGrid",
    _one_of("EventGrid", "LogsAndContainerScan"),
    "How the host learns of a new blob. Flex Consumption knows Event Grid alone; "
    "Core Tools on Azurite have to scan.",
)
SETTINGS: tuple[Setting[object], ...] = (
    MODELS_FOLDER,
    MODEL,
    MODELS_SOURCE,
    MODELS_REFRESH_SECONDS,
    MAX_BODY_BYTES,
    MAX_BATCH_BODY_BYTES,
    MAX_DRIVES,
    MAX_JSON_DEPTH,
    MAX_REQUESTS_IN_PROGRESS,
    MAX_BYTES_IN_PROGRESS,
    LOG_HASH_KEY,
    MAX_REJECT_SHARE,
    ESCAPE_FORMULAS,
    SCORE_THREADS,
    RANGE_BYTES,
    DOWNLOAD_CHUNK_BYTES,
    BLOB_TRIGGER_SOURCE,
)
"""Every setting the app's code reads, in the order of the documentation."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The values of all settings, validated."""

    models_folder: Path
    model: str
    models_source: str
    models_refresh_seconds: int
    max_body_bytes: int
    max_batch_body_bytes: int
    max_drives: int
    max_json_depth: int
    max_requests_in_progress: int
    max_bytes_in_progress: int
    log_hash_key: str
    max_reject_share: float
    escape_formulas: EscapedOutputs
    score_threads: int
    range_bytes: int
    download_chunk_bytes: int


def value_of[T](setting: Setting[T], environment: Mapping[str, str]) -> T:
    """Return one setting's value, an empty one as not set; SettingError says what is expected."""
    text = environment.get(setting.name, "") or environment.get(setting.former, "") or setting.default
    try:
        return setting.parse(text)
    except ValueError as error:
        msg = (
            f"App setting {setting.name} is {text!r}; expected {error}. "
            f"Correct it, or remove it for {setting.default}."
        )
        raise SettingError(msg) from None


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read and validate the settings; SettingError says which cannot be used, and what is expected."""
    return Settings(
        models_folder=value_of(MODELS_FOLDER, environment),
        model=value_of(MODEL, environment),
        models_source=value_of(MODELS_SOURCE, environment),
        models_refresh_seconds=value_of(MODELS_REFRESH_SECONDS, environment),
        max_body_bytes=value_of(MAX_BODY_BYTES, environment),
        max_batch_body_bytes=value_of(MAX_BATCH_BODY_BYTES, environment),
        max_drives=value_of(MAX_DRIVES, environment),
        max_json_depth=value_of(MAX_JSON_DEPTH, environment),
        max_requests_in_progress=value_of(MAX_REQUESTS_IN_PROGRESS, environment),
        max_bytes_in_progress=value_of(MAX_BYTES_IN_PROGRESS, environment),
        log_hash_key=value_of(LOG_HASH_KEY, environment),
        max_reject_share=value_of(MAX_REJECT_SHARE, environment),
        escape_formulas=value_of(ESCAPE_FORMULAS, environment),
        score_threads=value_of(SCORE_THREADS, environment),
        range_bytes=value_of(RANGE_BYTES, environment),
        download_chunk_bytes=value_of(DOWNLOAD_CHUNK_BYTES, environment),
    )


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return this process's settings, read once; a former name in use is logged."""
    for setting in SETTINGS:
        if os.environ.get(setting.former):
            _log.warning("app setting %s is called %s now: rename it", setting.former, setting.name)
    return read_settings(os.environ)
