"""Where runs are tracked, and MLflow without its chatter, its usage reports and its long waits."""

from __future__ import annotations

import importlib.util
import logging
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow import MlflowClient

EXPERIMENT = "drivecast"
"""Name of the experiment, unless MLFLOW_EXPERIMENT_NAME says otherwise."""

STORE_FILE, ARTIFACTS_FOLDER = Path("mlflow.db"), Path("mlruns")
"""The store without a tracking server: SQLite and a folder, in the working directory."""

TRACKING_URI, EXPERIMENT_NAME = "MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME"

_DEFAULTS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
}
"""MLflow's settings unless the environment says otherwise.

No usage reports to its makers; and a server that is down is reported after seconds, where MLflow itself would
try for many minutes.
"""

_USER = re.compile(r"//[^/\s@]*@")

_LOGGERS = ("mlflow", "alembic")


def is_installed() -> bool:
    """Say whether MLflow can be imported."""
    return importlib.util.find_spec("mlflow") is not None


def where() -> str:
    """Return the store in words people know it by: the address given, or the local file."""
    return without_password(os.environ.get(TRACKING_URI) or str(STORE_FILE))


def without_password(text: str) -> str:
    """Return a text, an address perhaps, without the user and password of any address in it."""
    return _USER.sub("//", text)


@contextmanager
def tracking() -> Iterator[str]:
    """Make MLflow ready and give the id of the experiment; the process' environment is put back afterwards.

    Raises
    ------
    Exception
        Of MLflow's or of the libraries below it, when the store cannot be reached or read.
    """
    before = dict(os.environ)
    levels = {name: logging.getLogger(name).level for name in _LOGGERS}
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import mlflow

            for name in _LOGGERS:
                logging.getLogger(name).setLevel(logging.ERROR)
            given = before.get(TRACKING_URI)
            mlflow.set_tracking_uri(given or f"sqlite:///{STORE_FILE.resolve()}")
            artifacts = None if given else ARTIFACTS_FOLDER.resolve().as_uri()
            yield _experiment(mlflow.MlflowClient(), artifacts)
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        # MLflow writes the address of its store there for processes it would start.
        os.environ.clear()
        os.environ.update(before)


def _experiment(client: MlflowClient, artifacts: str | None) -> str:
    name = os.environ.get(EXPERIMENT_NAME) or EXPERIMENT
    found = client.get_experiment_by_name(name)
    return str(found.experiment_id if found else client.create_experiment(name, artifacts))
