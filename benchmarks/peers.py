"""The peers of the online benchmark: an environment each, made with uv under .bench/, and a process each.

Both get one worker process, one OpenMP thread (more only fight for two cores) and no log line a request.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version as installed
from pathlib import Path
from typing import NamedTuple

import httpx

from benchmarks.measuring.processes import ROOT
from tests.support.running_app import free_ports

CACHE = ROOT / ".bench"
"""Environments and the MLflow model; `make clean` removes it."""

FASTAPI, MLFLOW = "0.165.0", "3.17.2"
"""Versions of the peers."""

_PIPELINE = [f"{name}=={installed(name)}" for name in ("scikit-learn", "joblib", "scipy", "numpy")]
ENVIRONMENTS: dict[str, list[str]] = {
    "fastapi": [f"fastapi=={FASTAPI}", f"uvicorn[standard]=={installed('uvicorn')}", *_PIPELINE],
    "mlflow": [f"mlflow=={MLFLOW}", *_PIPELINE],
}
"""Packages for each: the pipeline's own versions, so that it unpickles as it was trained."""

PATIENCE = 120.0
"""Seconds a peer may take to start."""


class Peer(NamedTuple):
    """A peer that answers.

    Attributes
    ----------
    pid : int
        Of the process that was started; the worker may be a child of it.
    """

    base_url: str
    pid: int


def python_of(name: str) -> Path:
    """Return the interpreter of a peer's environment; made at the first use, and when its versions change."""
    folder, wanted = CACHE / name, "\n".join(ENVIRONMENTS[name])
    stamp, python = folder / "installed.txt", folder / "bin" / "python"
    if not (stamp.is_file() and stamp.read_text() == wanted):
        uv = Path(sys.executable).with_name("uv")
        print(f"making the environment .bench/{name} (once)", file=sys.stderr)
        subprocess.run(
            [uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder], check=True, cwd=ROOT
        )
        command: list[str | Path] = [uv, "pip", "install", "--quiet", "--python", python, *ENVIRONMENTS[name]]
        subprocess.run(command, check=True, cwd=ROOT)
        stamp.write_text(wanted)
    return python


def _environment(version: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PATH": os.pathsep.join([str(CACHE / "mlflow" / "bin"), os.environ["PATH"]]),  # it looks for uvicorn
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
        "DRIVECAST_VERSION": str(version),
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }


@contextmanager
def fastapi_peer(version: Path) -> Iterator[Peer]:
    """Run `benchmarks.peer_fastapi` on the model version in a folder."""
    (port,) = free_ports(1)
    command: list[str | Path] = [
        python_of("fastapi"), "-m", "uvicorn", "benchmarks.peer_fastapi:app",
        "--port", str(port), "--no-access-log", "--log-level", "warning",
    ]  # fmt: skip
    with _running(command, version, f"http://127.0.0.1:{port}", "/docs") as peer:
        yield peer


@contextmanager
def mlflow_peer(version: Path) -> Iterator[Peer]:
    """Run ``mlflow models serve`` on the model version in a folder."""
    python, model = python_of("mlflow"), CACHE / "mlflow-model"
    shutil.rmtree(model, ignore_errors=True)
    script = ROOT / "benchmarks" / "peer_mlflow.py"
    environment = _environment(version)
    subprocess.run([python, script, version, model], check=True, env=environment, stderr=subprocess.DEVNULL)
    (port,) = free_ports(1)
    command: list[str | Path] = [
        python, "-m", "mlflow", "models", "serve", "--model-uri", model, "--env-manager", "local",
        "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
    ]  # fmt: skip
    with _running(command, version, f"http://127.0.0.1:{port}", "/ping") as peer:
        yield peer


@contextmanager
def _running(command: Sequence[str | Path], version: Path, base_url: str, path: str) -> Iterator[Peer]:
    log = CACHE / "peer.log"
    # MLflow starts its server through a shell: a group of its own, so that all of it ends.
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=_environment(version), stdout=output, stderr=output, start_new_session=True
        )
    try:
        deadline = time.monotonic() + PATIENCE
        while not _answers(base_url + path):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{command[0]} did not start:\n{log.read_text()[-2000:]}")
            time.sleep(0.2)
        yield Peer(base_url, process.pid)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, 15)
            process.wait(30)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).is_success
    except httpx.TransportError:
        return False
