"""MLflow's user interface on the runs that training tracked: ``python -m tools.mlflow_ui``.

Full MLflow does not fit our pyarrow: it has an environment of its own, .venv-mlflow, which `make` makes of
requirements-mlflow.txt.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from training.tracking.store import ARTIFACTS_FOLDER, STORE_FILE, TRACKING_URI, without_password

PROGRAM = Path(__file__).resolve().parents[1] / ".venv-mlflow" / "bin" / "mlflow"
PORT = 5001
"""MLflow's own is 5000, which macOS takes for itself."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Become MLflow's server on the store of `python -m training`; 1 where that cannot be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=PORT, help="port of the interface (default: %(default)s)")
    port = parser.parse_args(arguments).port
    given = os.environ.get(TRACKING_URI, "")
    if given.startswith(("http://", "https://")):
        sys.stdout.write(f"the runs are tracked by a server: its interface is at {without_password(given)}\n")
        return 0
    if refused := _refusal(given, port):
        sys.stderr.write(f"error: {refused}\n")
        return 1
    return _become_server(given or f"sqlite:///{STORE_FILE.resolve()}", port)


def _become_server(store: str, port: int) -> NoReturn:
    sys.stdout.write(f"MLflow's interface will be at http://localhost:{port}; Ctrl-C stops it\n")
    sys.stdout.flush()
    command = [str(PROGRAM), "ui", "--backend-store-uri", store, "--port", str(port), "--workers", "1"]
    command += ["--default-artifact-root", ARTIFACTS_FOLDER.resolve().as_uri()]
    # The server looks for uvicorn beside itself on PATH, and would report its use to its makers.
    path = f"{PROGRAM.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    os.execve(PROGRAM, command, {**os.environ, "PATH": path, "MLFLOW_DISABLE_TELEMETRY": "true"})  # noqa: S606


def _refusal(given: str, port: int) -> str:
    """Return why the interface cannot be shown; nothing where it can."""
    if not given and not STORE_FILE.exists():
        return f"no run was tracked here yet: there is no {STORE_FILE}; `python -m training train` makes it"
    if not PROGRAM.exists():
        return f"there is no {PROGRAM}: `make mlflow-ui` makes it first"
    try:
        with socket.create_server(("127.0.0.1", port)):
            return ""
    except OSError as error:
        cause = os.strerror(error.errno or 0)
        return f"port {port}: {cause}; take another: `make mlflow-ui MLFLOW_PORT=5002` (--port 5002)"


if __name__ == "__main__":
    sys.exit(main())
