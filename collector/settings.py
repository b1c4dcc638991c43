"""The settings of a run: from the command line, the environment and an ini file, in this order."""

from __future__ import annotations

import argparse
import configparser
import difflib
import os
import socket
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Mapping, NoReturn, Sequence

from collector import VERSION
from collector.drives.scan import Device
from collector.errors import ConfigurationError
from collector.options import OPTIONS, Option, is_loopback

SECTION = "drivecast-collect"
DEFAULT_INI = "/etc/drivecast-collect.ini"
"""Read where it is there and no other is named."""

CONFIG_VARIABLE = "DRIVECAST_COLLECT_CONFIG"


@dataclass(frozen=True)
class CollectSettings:
    """The options' values, by the names of `collector.options.OPTIONS`; "" and None where there is none."""

    csv: Path | None
    append: Path | None
    upload: str
    upload_as: str
    send: str
    key: str
    send_as: str
    prometheus: str
    prometheus_match: str
    prometheus_token: str
    device: tuple[Device, ...]
    exclude: tuple[str, ...]
    scan: str
    power_mode: str
    timeout: int
    parallel: int
    smartctl: str
    host: str
    state: Path
    spool_mb: int
    attempts: int
    patience: int
    http_timeout: int


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ConfigurationError(f"{message}; --help lists the options")


def read_settings(
    arguments: Sequence[str], environment: Mapping[str, str]
) -> tuple[CollectSettings, list[str]]:
    """Return the settings, and lines that the person should see.

    Raises
    ------
    ConfigurationError
        With the option, where it was found, its value and what is expected.
    SystemExit
        After --help and --version.
    """
    given = vars(_parser().parse_args(arguments))
    config = given.pop("config")
    lines: list[str] = []
    ini = _read_ini(config or environment.get(CONFIG_VARIABLE, ""), lines)
    values: dict[str, object] = {}
    for option in OPTIONS:
        texts, place = _texts(option, given[option.name], environment, ini)
        values[option.name] = _value(option, texts, place)
    values["host"] = values["host"] or _own_host()
    values["state"] = values["state"] or _own_state(environment)
    settings = CollectSettings(**values)  # type: ignore[arg-type]
    _check(settings)
    return settings, lines


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="drivecast-collect",
        description="Read this host's drives with smartctl and write or send their telemetry. "
        "Without --csv, --append, --upload and --send the CSV goes to standard output.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version="drivecast-collect " + VERSION)
    parser.add_argument(
        "--config", metavar="FILE", help=f"ini file (default: {DEFAULT_INI} where it is there)"
    )
    for option in OPTIONS:
        default = f" (default: {option.default})" if option.default else ""
        parser.add_argument(
            option.flag,
            action="append" if option.many else "store",
            metavar="VALUE",
            help=(option.meaning + default).replace("%", "%%"),
        )
    return parser


def _read_ini(name: str, lines: list[str]) -> Mapping[str, str]:
    path = Path(name or DEFAULT_INI)
    if not name and not path.is_file():
        return {}
    parser = configparser.ConfigParser(interpolation=None)  # a SAS is full of percent signs
    try:
        parser.read_string(path.read_text(encoding="utf-8"), str(path))
        mode = path.stat().st_mode
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        reason = " ".join(str(error).split())
        raise ConfigurationError(f"the ini file {path} cannot be used: {reason}") from None
    if not parser.has_section(SECTION):
        raise ConfigurationError(f"the ini file {path} has no section [{SECTION}]; add that line")
    values = dict(parser.items(SECTION))
    names = [option.name for option in OPTIONS]
    for key in values:
        if key not in names:
            close = difflib.get_close_matches(key, names, 1)
            hint = f"did you mean {close[0]}?" if close else "expected: " + ", ".join(names)
            raise ConfigurationError(f"the ini file {path} has {key!r}, which is no option; {hint}")
    secret = [option.name for option in OPTIONS if option.secret and values.get(option.name)]
    if secret and mode & (stat.S_IRGRP | stat.S_IROTH):
        lines.append(
            "{} has secrets ({}) and others can read it; run `chmod 600 {}`".format(
                path, ", ".join(secret), path
            )
        )
    return values


def _texts(
    option: Option, given: object, environment: Mapping[str, str], ini: Mapping[str, str]
) -> tuple[list[str], str]:
    """Return an option's texts, and where they were found."""
    if given is not None:
        return (list(given) if isinstance(given, list) else [str(given)]), option.flag
    for place, source, name in (
        ("the variable " + option.variable, environment, option.variable),
        ("the ini file's " + option.name, ini, option.name),
    ):
        text = source.get(name, "").strip()
        if text:
            return (text.split() if option.many else [text]), place
    return ([option.default] if option.default else []), option.flag


def _value(option: Option, texts: Sequence[str], place: str) -> object:
    try:
        if option.many:
            return tuple(option.read(text) for text in texts)
        return option.read(texts[0]) if texts else None if option.name in ("csv", "append", "state") else ""
    except ValueError as error:
        found = "a value that is not shown" if option.secret else repr(texts[-1])
        raise ConfigurationError(f"{place} is {found}; expected {error}") from None


def _own_host() -> str:
    name = "".join(
        each if (each.isalnum() and each.isascii()) or each in ".-_" else "-" for each in socket.gethostname()
    )
    return name.strip(".-_")[:63] or "host"


def _own_state(environment: Mapping[str, str]) -> Path:
    by_systemd = environment.get("STATE_DIRECTORY", "").split(":")[0]
    if by_systemd:
        return Path(by_systemd)
    if os.geteuid() == 0:
        return Path("/var/lib/drivecast-collect")
    home = environment.get("XDG_STATE_HOME", "")
    return (Path(home) if home else Path("~/.local/state").expanduser()) / "drivecast-collect"


def _check(settings: CollectSettings) -> None:
    """Raise ConfigurationError where options do not go together."""
    if settings.csv and settings.append:
        raise ConfigurationError("--csv and --append are both given; expected one: write anew, or add")
    if settings.prometheus and (settings.send or settings.upload_as == "json"):
        raise ConfigurationError(
            "--send and --upload-as json need smartctl's own output, which --prometheus does not have; use "
            "--upload or --append"
        )
    if (
        settings.prometheus_token
        and settings.prometheus.startswith("http:")
        and not is_loopback(settings.prometheus)
    ):
        raise ConfigurationError(
            "--prometheus is plain http, which would show --prometheus-token; expected https"
        )
    if settings.upload and settings.host.split(".")[0] == "localhost" and not settings.prometheus:
        raise ConfigurationError(
            f"this host is called {settings.host}, as others are, and would overwrite their files; name it "
            "with --host"
        )
    if settings.scan == "none" and not settings.device and not settings.prometheus:
        raise ConfigurationError("--scan none finds no drive; name some with --device")
