"""Every request that Microsoft's host was asked, asked of devhost over a raw socket."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from functions.scoring.model.manifest import CHAMPION, read_registry
from tests.conftest import RunApp
from tests.support.running_app import PROJECT, RunningApp
from tools.conformance.asking import Answer, HostKeys, ask_all
from tools.conformance.recordings import Recording, load
from training.versions.folder_registry import json_bytes

APPS = Path(__file__).parents[1] / "apps"
KEYS = HostKeys(function="the-function-key", master="the-master-key", system="the-system-key")
SETTINGS = {
    "DEVHOST_FUNCTION_KEY": KEYS.function,
    "DEVHOST_MASTER_KEY": KEYS.master,
    "DEVHOST_SYSTEM_KEY": KEYS.system,
}

PROBE_DIFFERS: dict[str, tuple[str, str]] = {}
"""Request -> what differs, and why. At most three in a hundred; a line that differs no more is an error."""

RECORDED_CHAMPION = "v3"
"""The version that answered when the host was asked; some of the requests name it."""

TAKES_A_BODY = (
    "predict",
    "predict/batch",
    "explain",
    "invocations",
    "v2/models/drivecast/infer",
    f"v2/models/drivecast/versions/{RECORDED_CHAMPION}/infer",
)
DRIVECAST_DIFFERS = {
    f"POST /api/{path} chunked": ("status 411, expected 400", "the app says that the body did not arrive")
    for path in TAKES_A_BODY
} | {
    "POST /api/predict/batch an array": (
        (
            "status 200, expected 400; headers (('content-type', 'application/json'),), "
            "expected (('content-type', 'application/problem+json'),)"
        ),
        "an array is taken for outputs of smartctl, each answered or refused on its own",
    )
}
"""Request -> what Drivecast itself answers otherwise since it was recorded, and why."""


def with_head(recording: Recording) -> dict[str, Answer]:
    """Return the answers of the host to an app that takes HEAD where it takes GET.

    The recorded app took none: HEAD was refused, with GET alone in Allow. Now it is GET without the body.
    """
    expected = {}
    for name, answer in recording.answers.items():
        headers = tuple(
            (key, "GET, HEAD" if (key, value) == ("allow", "GET") else value) for key, value in answer.headers
        )
        now = replace(answer, headers=headers)
        if name.startswith("HEAD ") and ("allow", "GET, HEAD") in headers:
            now = replace(recording.answers[f"GET {name.removeprefix('HEAD ')}"], body="")
        expected[name] = now
    return expected


def ask_everything(app: RunningApp, recording: Recording) -> dict[str, Answer]:
    return ask_all("127.0.0.1", int(app.base_url.rsplit(":", 1)[1]), recording.requests, KEYS)


@pytest.fixture(scope="module")
def probe_app(run_app: RunApp) -> Iterator[RunningApp]:
    settings = {**SETTINGS, "AzureFunctionsWebHost__hostid": "probe"}
    with run_app(APPS / "probe", settings=settings) as running:
        yield running


@pytest.fixture(scope="module")
def probe(probe_app: RunningApp) -> dict[str, Answer]:
    return ask_everything(probe_app, load("probe"))


@pytest.fixture(scope="module")
def drivecast(run_app: RunApp, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Answer]]:
    folder = tmp_path_factory.mktemp("recorded_drivecast")
    shutil.copy(PROJECT / "host.json", folder)
    shutil.copy(APPS / "recorded_drivecast" / "function_app.py", folder)
    models = shutil.copytree(PROJECT / "models", folder / "models")
    registry = read_registry(models)
    registry.aliases[CHAMPION] = RECORDED_CHAMPION
    (models / "registry.json").write_bytes(json_bytes(registry))
    settings = {
        **SETTINGS,
        "AzureFunctionsWebHost__hostid": "recorded-drivecast",
        "MODELS_FOLDER": str(models),
    }
    with run_app(folder, settings=settings) as running:
        yield ask_everything(running, load("drivecast"))


def check(reported: Mapping[str, list[str]], table: Mapping[str, tuple[str, str]]) -> None:
    """Hold what differs to a table, line by line."""
    assert {name: "; ".join(lines) for name, lines in reported.items()} == {
        name: what for name, (what, _) in table.items()
    }


def test_the_probe_is_answered_and_told_as_by_the_host(probe: dict[str, Answer]) -> None:
    recording = load("probe")
    assert len(recording.requests) == len(recording.answers) == len(probe) == 238
    check(recording.differences(probe), PROBE_DIFFERS)
    assert len(PROBE_DIFFERS) <= 0.03 * 238


@pytest.mark.parametrize(("given", "status"), [(999, 999), (1000, 500)])
def test_a_status_above_those_recorded(probe_app: RunningApp, given: int, status: int) -> None:
    assert httpx.get(f"{probe_app.base_url}/api/answer/{given}").status_code == status


def test_drivecast_is_answered_as_on_the_host(drivecast: dict[str, Answer]) -> None:
    recording = load("drivecast")
    assert len(recording.requests) == len(recording.answers) == len(drivecast) == 264
    check(recording.differences(drivecast, with_head(recording)), DRIVECAST_DIFFERS)


def test_a_line_of_a_table_that_differs_no_more_is_an_error() -> None:
    table = {"path: root": ("status 204, expected 200", "a reason")}
    check({"path: root": ["status 204, expected 200"]}, table)
    for reported in (
        {},
        {"path: root": ["status 404, expected 200"]},
        {"path: NUL": ["status 404, expected 400"]},
    ):
        with pytest.raises(AssertionError):
            check(reported, table)
