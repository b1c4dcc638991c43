from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from collector.drives.scan import Device
from collector.errors import ConfigurationError
from collector.options import OPTIONS
from collector.settings import CollectSettings, read_settings

SAS = "https://account.blob.core.windows.net/telemetry?sv=2024-11-04&sp=cw&sig=a%2Fb%3D"


def settings(*arguments: str, **environment: str) -> CollectSettings:
    return read_settings(arguments, {"DRIVECAST_COLLECT_CONFIG": "", **environment})[0]


def ini(folder: Path, text: str, mode: int = 0o600) -> str:
    path = folder / "collect.ini"
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def test_each_option_is_a_setting() -> None:
    assert [option.name for option in OPTIONS] == [
        field.name for field in dataclasses.fields(CollectSettings)
    ]


def test_defaults() -> None:
    found = settings()
    assert (found.csv, found.append, found.upload, found.send) == (None, None, "", "")
    assert (found.scan, found.power_mode, found.timeout, found.device) == ("scan", "standby", 60, ())
    assert found.host
    assert found.state.name == "drivecast-collect"


def test_the_command_line_counts_before_the_environment_before_the_file(tmp_path: Path) -> None:
    path = ini(tmp_path, "[drivecast-collect]\ntimeout = 1\nparallel = 1\nattempts = 1\n")
    found = settings(
        "--config", path, "--timeout", "3", DRIVECAST_COLLECT_TIMEOUT="2", DRIVECAST_COLLECT_PARALLEL="2"
    )
    assert (found.timeout, found.parallel, found.attempts) == (3, 2, 1)


def test_lists(tmp_path: Path) -> None:
    path = ini(tmp_path, "[drivecast-collect]\ndevice = /dev/sda=sat,12\n  /dev/bus/0=megaraid,1 /dev/sdc\n")
    assert settings("--config", path).device == (
        Device("/dev/sda", "sat,12"),
        Device("/dev/bus/0", "megaraid,1"),
        Device("/dev/sdc"),
    )
    assert settings("--device", "/dev/sda", "--device", "/dev/sdb=sat").device == (
        Device("/dev/sda"),
        Device("/dev/sdb", "sat"),
    )


def test_a_sas_in_a_file_keeps_its_percent_signs(tmp_path: Path) -> None:
    path = ini(tmp_path, f"[drivecast-collect]\nupload = {SAS}\n")
    found, lines = read_settings(["--config", path], {})
    assert found.upload == SAS
    assert not lines


def test_secrets_that_others_can_read_are_told(tmp_path: Path) -> None:
    path = ini(tmp_path, "[drivecast-collect]\nkey = k\n", 0o644)
    [line] = read_settings(["--config", path], {})[1]
    assert "chmod 600" in line


def test_the_folder_of_systemd() -> None:
    assert settings(STATE_DIRECTORY="/var/lib/x:/var/lib/y").state == Path("/var/lib/x")
    assert settings("--state", "/srv/s", STATE_DIRECTORY="/var/lib/x").state == Path("/srv/s")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--timeout", "0"],
        ["--timeout", "1.5"],
        ["--timeout", "9" * 5000],
        ["--scan", "all"],
        ["--power-mode", "active"],
        ["--send", "app.example"],
        ["--send", "ftp://app.example"],
        ["--send", "http://app.example"],
        ["--send", "https://"],
        ["--send", "https://app.example:x"],
        ["--upload", "https://account.blob.core.windows.net/?sig=x"],
        ["--upload", "http://account.blob.core.windows.net/telemetry"],
        ["--prometheus", "prometheus:9090"],
        ["--host", "a/b"],
        ["--host", ".."],
        ["--device", "=sat"],
        ["--csv", "a", "--append", "b"],
        ["--prometheus", "http://p:9090", "--send", "https://app.example"],
        ["--scan", "none"],
        ["--upload", "https://account.blob.core.windows.net/telemetry", "--host", "localhost"],
        ["--prometheus", "http://p:9090", "--prometheus-token", "t"],
        ["--key", "ключ"],
        ["--send", "https://приложение.example"],
        ["--send-as", "many"],
        ["--no-such-option"],
        ["--time", "5"],
        ["word"],
        ["--timeout"],
        ["--config", "/no/such/file.ini"],
    ],
)
def test_what_cannot_be_used(arguments: list[str]) -> None:
    with pytest.raises(ConfigurationError):
        settings(*arguments)


@pytest.mark.parametrize("address", ["http://localhost:7071", "http://127.0.0.1:7071", "http://[::1]:7071"])
def test_plain_http_on_this_machine(address: str) -> None:
    assert settings("--send", address).send == address


@pytest.mark.parametrize(
    "text",
    ["timeout = 5\n", "[drivecast]\n", "[drivecast-collect]\ntimout = 5\n", "[drivecast-collect]\nx\n"],
)
def test_an_ini_file_that_cannot_be_used(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"collect\.ini"):
        settings("--config", ini(tmp_path, text))


def test_no_message_shows_a_secret() -> None:
    for option in OPTIONS:
        if option.secret:
            with pytest.raises(ConfigurationError) as caught:
                settings(option.flag, "https://secret?secret", "--timeout", "x")
            assert "secret" not in str(caught.value)


@pytest.mark.parametrize("word", ["--help", "--version"])
def test_help(word: str) -> None:
    with pytest.raises(SystemExit) as caught:
        settings(word)
    assert caught.value.code == 0
