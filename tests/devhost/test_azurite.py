"""Azurite: found running, started, stopped, missing."""

import os
import socket
import threading
from pathlib import Path

import pytest

from devhost import azurite
from devhost.azurite import Endpoints, connection_string, endpoints
from devhost.errors import DevhostError
from tests.conftest import RunApp
from tests.devhost.conftest import EVERY_TRIGGER, own_settings
from tests.support.running_app import RunningAzurite, free_ports


def test_an_azurite_that_answers_is_used_and_left_running(run_app: RunApp, azurite: RunningAzurite) -> None:
    with run_app(EVERY_TRIGGER, settings=own_settings("reuse"), options=()) as running:
        assert "Azurite found running" in running.output
        assert running.stop() == 0
    assert list(azurite.blobs.list_containers())


def test_azurite_is_started_when_none_answers_and_stopped_at_the_end(run_app: RunApp, tmp_path: Path) -> None:
    blob, queue, table = free_ports(3)
    connection = connection_string(blob, queue, table)
    options = ("--azurite-dir", str(tmp_path / "data"))
    with run_app(EVERY_TRIGGER, connection_string=connection, options=options) as running:
        assert "Azurite started" in running.output
        assert azurite.answers("127.0.0.1", blob)
        assert (tmp_path / "data").is_dir()
        assert running.stop() == 0
    assert not azurite.answers("127.0.0.1", blob)


@pytest.mark.parametrize(
    ("connection", "expected"),
    [
        ("UseDevelopmentStorage=true", Endpoints("127.0.0.1", 10000, 10001, 10002)),
        (connection_string(1, 2, 3), Endpoints("127.0.0.1", 1, 2, 3)),
        ("DefaultEndpointsProtocol=https;AccountName=a;AccountKey=k==;EndpointSuffix=core.windows.net", None),
        ("BlobEndpoint=https://a.blob.core.windows.net;SharedAccessSignature=s", None),
        ("", None),
    ],
)
def test_a_connection_string_tells_where_the_emulator_is(connection: str, expected: Endpoints | None) -> None:
    assert endpoints(connection) == expected


def test_something_else_on_the_port_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:

        def answer() -> None:
            connection, _ = other.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: 0\r\n\r\n")

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(DevhostError, match="'nginx'"):
            azurite.answers("127.0.0.1", other.getsockname()[1])


def test_a_missing_azurite_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DevhostError, match="npm ci"):
        azurite.find(tmp_path)


def test_a_program_on_path_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "azurite"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin")
    assert azurite.find(tmp_path / "elsewhere") == program


def test_a_program_that_ends_at_once_is_said(tmp_path: Path) -> None:
    program = tmp_path / "azurite"
    program.write_text("#!/bin/sh\necho the disk is full\nexit 1\n")
    program.chmod(0o755)
    blob, queue, table = free_ports(3)
    with pytest.raises(DevhostError, match="the disk is full"):
        azurite.Azurite(program, tmp_path / "data", Endpoints("127.0.0.1", blob, queue, table))
