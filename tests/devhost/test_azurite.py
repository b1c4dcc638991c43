"""Azurite: found running, started, stopped, missing."""

import json
import os
import socket
import subprocess
import threading
from pathlib import Path

import pytest

from devhost import azurite
from devhost.azurite import Endpoints, connection_string, endpoints, ensure
from devhost.errors import DevhostError
from ops.app.storage_account import configured_connection
from tests.conftest import RunApp
from tests.devhost.conftest import EVERY_TRIGGER, own_settings
from tests.support.running_app import PROJECT, RunningAzurite, free_ports


def test_an_azurite_of_the_same_folder_is_used_and_left_running(run_app: RunApp, tmp_path: Path) -> None:
    first = RunningAzurite(tmp_path / "data")
    options = ("--azurite-dir", str(tmp_path / "data"))
    with run_app(
        EVERY_TRIGGER,
        connection_string=first.connection_string,
        settings=own_settings("reuse"),
        options=options,
    ) as running:
        assert "Azurite found running" in running.output
        assert running.stop() == 0
    assert list(first.blobs.list_containers())
    first.stop()
    assert azurite.running(tmp_path / "data") is None


def test_an_azurite_of_somebody_else_is_not_shared_unasked(azurite: RunningAzurite, tmp_path: Path) -> None:
    before = [container.name for container in azurite.blobs.list_containers()]
    with pytest.raises(DevhostError, match=r"--azurite-port.*--no-azurite"):
        ensure(azurite.connection_string, PROJECT, tmp_path / "data")
    assert [container.name for container in azurite.blobs.list_containers()] == before
    assert not (tmp_path / "data").exists()


@pytest.mark.slow
def test_one_folder_is_not_given_to_two(tmp_path: Path) -> None:
    first = RunningAzurite(tmp_path / "data")
    try:
        with pytest.raises(DevhostError, match=rf"{first.at.blob}\b.*{first.pid}\b.*--azurite-port"):
            ensure(connection_string(*free_ports(3)), PROJECT, tmp_path / "data")
    finally:
        first.stop()


def test_the_record_of_one_that_was_killed_counts_no_more(tmp_path: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    record = {"pid": ended.pid, "blob": 1, "queue": 2, "table": 3}
    for text in (json.dumps(record), "{", "[]", '{"pid": 1}'):
        (tmp_path / azurite.RECORD).write_text(text)
        assert azurite.running(tmp_path) is None


@pytest.mark.slow
def test_another_port_for_azurite(run_app: RunApp, tmp_path: Path) -> None:
    """A path with a space for its data, too; ops finds it by the folder it was started in."""
    port = next(port for port in iter(lambda: free_ports(1)[0], 0) if port < 65000)
    data = tmp_path / "a folder" / ".azurite"
    options = ("--azurite-port", str(port), "--azurite-dir", str(data))
    with run_app(
        EVERY_TRIGGER,
        connection_string="UseDevelopmentStorage=true",
        settings=own_settings("ports"),
        options=options,
    ) as running:
        assert f"blob port {port}, queue port {port + 1}" in running.output
        assert configured_connection(data.parent) == connection_string(port, port + 1, port + 2)
        assert running.stop() == 0
    assert configured_connection(data.parent) == "UseDevelopmentStorage=true"


@pytest.mark.slow
@pytest.mark.parametrize("said", [b"", b"SSH-2.0-OpenSSH_9\r\n"])
def test_a_busy_port_names_the_option(said: bytes, tmp_path: Path) -> None:
    """Whatever listens there; what says nothing is found by Azurite itself."""
    with socket.create_server(("127.0.0.1", 0)) as other:

        def answer() -> None:
            accepted, _ = other.accept()
            with accepted:
                accepted.sendall(said)

        if said:
            threading.Thread(target=answer, daemon=True).start()
        _, queue, table = free_ports(3)
        connection = connection_string(other.getsockname()[1], queue, table)
        with pytest.raises(DevhostError, match="--azurite-port"):
            ensure(connection, PROJECT, tmp_path / "data")


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
