"""The table of options: name, default, meaning, and how its text is read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Callable, NamedTuple
from urllib.parse import urlsplit

from collector.drives.collection import POWER_MODES
from collector.drives.scan import SCANS, Device
from collector.sending.forecast_app import SEND_AS
from collector.telemetry.day_folder import FORMS

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


class Option(NamedTuple):
    """One option.

    Attributes
    ----------
    name : str
        Its name in the ini file.
    default : str
        "" where there is none.
    read : callable
        Gives a text's value, or raises ValueError with what is expected.
    meaning : str
        For --help and docs/collector.md.
    many : bool
        Whether it may be given several times; in variables and the ini file blanks and line ends separate.
    secret : bool
        Whether it is better kept out of the command line, which every user of the host can see.
    """

    name: str
    default: str
    read: Callable[[str], Any]
    meaning: str
    many: bool = False
    secret: bool = False

    @property
    def flag(self) -> str:
        """Its name on the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return "DRIVECAST_COLLECT_" + self.name.upper()


def _text(text: str) -> str:
    if not text.isascii() or not text.isprintable():
        raise ValueError("printable ASCII characters")
    return text.strip()


def _path(text: str) -> Path | None:
    return Path(text).expanduser() if text.strip() else None


def _one_of(*allowed: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError("one of " + ", ".join(allowed))
        return text

    return read


def _number(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(text)

    return read


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError("1 to 63 letters, digits, dots, dashes or underscores, such as a host's name")
    return text


def _device(text: str) -> Device:
    path, _, kind = text.partition("=")
    if not path:
        raise ValueError("a path, or a path and a type of smartctl -d, such as /dev/sdb=sat")
    return Device(path, kind)


def _address(text: str) -> str:
    if not text:
        return ""
    expected = "an address such as https://name.example (http only for this machine: it carries a secret)"
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise ValueError(expected) from None
    if not parts.hostname or parts.scheme not in ("http", "https") or not _fits_a_request(text):
        raise ValueError(expected)
    if parts.scheme == "http" and not is_loopback(text):
        raise ValueError(expected)
    return text


def is_loopback(address: str) -> bool:
    """Say whether an address is on this machine, so that nobody listens on the way."""
    return urlsplit(address).hostname in _LOOPBACK


def _fits_a_request(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


def _container(text: str) -> str:
    if _address(text) and not urlsplit(text).path.strip("/"):
        raise ValueError(
            "the address of a container, such as https://ACCOUNT.blob.core.windows.net/telemetry?SAS"
        )
    return text


def _server(text: str) -> str:
    parts = urlsplit(text)
    if text and (parts.scheme not in ("http", "https") or not parts.hostname or not _fits_a_request(text)):
        raise ValueError("the address of a Prometheus, such as http://prometheus:9090")
    return text.rstrip("/")


OPTIONS = (
    Option(
        "csv", "", _path, "Write the day's telemetry to this file anew; `{date}` and `{host}` are replaced."
    ),
    Option("append", "", _path, "Add to this file instead; a drive-day that is there is replaced."),
    Option(
        "upload",
        "",
        _container,
        "Address of the container telemetry, with a SAS as its query; without one `az login` counts. "
        "The file is `<host>/<date>.csv`.",
        secret=True,
    ),
    Option(
        "upload_as",
        "csv",
        _one_of(*FORMS),
        "json uploads smartctl's own output, one object a line, with the health of NVMe and SAS drives.",
    ),
    Option(
        "send", "", _address, "Address of the app that smartctl's JSON is sent to, for forecasts at once."
    ),
    Option("key", "", _text, "Function key of that app.", secret=True),
    Option("send_as", "each", _one_of(*SEND_AS), "A request for each drive, or a batch of many."),
    Option(
        "prometheus", "", _server, "Read smartctl_exporter's metrics from this Prometheus; run no smartctl."
    ),
    Option("prometheus_match", "", _text, 'Labels that the metrics must have, such as `job="smartctl"`.'),
    Option("prometheus_token", "", _text, "Bearer token for Prometheus.", secret=True),
    Option(
        "device",
        "",
        _device,
        "A drive to read whatever the scan finds, with a type where smartctl needs one: `/dev/sdb=sat`.",
        many=True,
    ),
    Option("exclude", "", _text, "Paths to leave out; `*` and `?` as in a shell.", many=True),
    Option("scan", "scan", _one_of(*SCANS), "How drives are found; scan-open opens each, which may wake it."),
    Option(
        "power_mode",
        "standby",
        _one_of(*POWER_MODES),
        "Leave drives alone that sleep as deeply as this (smartctl -n); never asks each.",
    ),
    Option("timeout", "60", _number(1, 3600), "Seconds that smartctl may take for one drive."),
    Option("parallel", "4", _number(1, 64), "Drives that are asked at the same time."),
    Option("smartctl", "smartctl", _text, "The program."),
    Option("host", "", _host, "Name of this host in the uploaded file's path; the host's own without it."),
    Option(
        "state",
        "",
        _path,
        "Folder of the spool and of the last days' files; without it `$STATE_DIRECTORY`, "
        "`/var/lib/drivecast-collect` (root) or `~/.local/state/drivecast-collect`.",
    ),
    Option(
        "spool_mb", "64", _number(1, 100_000), "Megabytes that wait at most; the oldest is given up first."
    ),
    Option("attempts", "5", _number(1, 100), "Times that one delivery is tried in a run."),
    Option("patience", "300", _number(0, 86_400), "Seconds that a run tries to deliver."),
    Option("http_timeout", "30", _number(1, 3600), "Seconds that one request may take."),
)
"""All options, in the order of the documentation."""
