"""190 large batches at once over real connections: most are refused at once, and probes pass meanwhile."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from tests.conftest import RunApp
from tests.functions.conftest import HOST_ID
from tests.support.drives import WORN, record
from tests.support.running_app import PROJECT

CALLERS = 190
PROBE_SECONDS = 2.0
"""A probe's usual patience is one to five seconds; on an idle machine none takes half of one."""

HISTORY = [record(date=f"2014-01-{day:02}", **WORN) for day in range(1, 21)]

LOAD = """
import json, sys, threading, http.client
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

url, body = urlsplit(sys.argv[1]), Path(sys.argv[2]).read_bytes()
together = threading.Barrier(int(sys.argv[3]))

def ask(_):
    connection = http.client.HTTPConnection(url.netloc, timeout=120)
    together.wait()
    connection.request("POST", f"{url.path}?{url.query}", body)
    answer = connection.getresponse()
    answer.read()
    return answer.status, answer.headers["retry-after"]

with ThreadPoolExecutor(together.parties) as callers:
    print(json.dumps(list(callers.map(ask, range(together.parties)))))
"""


@pytest.mark.parametrize("history", [[], HISTORY], ids=["140 KB", "2.6 MB"])
def test_most_are_refused_and_probes_pass(
    run_app: RunApp, small_models: Path, tmp_path: Path, history: list[dict[str, Any]]
) -> None:
    body = tmp_path / "batch.json"
    body.write_bytes(msgspec.json.encode({"drives": [record(**WORN, history=history)] * 1000}))
    own = {"MODELS_FOLDER": str(small_models), "AzureFunctionsWebHost__hostid": f"{HOST_ID}-overload"}
    with run_app(PROJECT, settings=own) as running, httpx.Client(timeout=90) as client:
        url = f"{running.base_url}/api"
        command = [f"{url}/predict/batch?reasons=all", str(body), str(CALLERS)]
        assert client.get(f"{url}/health").status_code == 200
        probes = []
        with subprocess.Popen([sys.executable, "-c", LOAD, *command], stdout=subprocess.PIPE) as load:
            assert load.stdout is not None
            while load.poll() is None:
                start = time.monotonic()
                assert client.get(f"{url}/health").status_code == 200
                probes.append(time.monotonic() - start)
                time.sleep(0.02)
            answers = json.loads(load.stdout.read())
    refused = [answer for answer in answers if answer[0] != 200]
    assert len(answers) == CALLERS
    assert CALLERS / 2 < len(refused) < CALLERS
    assert {tuple(answer) for answer in refused} == {(429, "1")}
    assert len(probes) > 3
    # Once seconds, as long as batches that were let in queued for the interpreter.
    assert max(probes) < PROBE_SECONDS, sorted(probes)[-5:]
