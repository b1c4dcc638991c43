"""What hostile bodies of full size cost in memory: counted before objects are made of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.platform_settings import THREADS
from functions.settings import MAX_BATCH_BODY_BYTES
from tests.test_function_app import run

SIZE = int(MAX_BATCH_BODY_BYTES.default)
AT_ONCE = 6
MOST_MIB = 200
"""For six bodies at once; they took up to 450 MiB."""

ASK = """
import asyncio, json, sys
from pathlib import Path
from tests.support.drives import record
from tests.support.worker_threads import ThreadedRuntime

def kib(name):
    found = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name)]
    return int(found[0].split()[1])

name, before, piece, after, size, many = *(text.encode() for text in sys.argv[1:5]), *map(int, sys.argv[5:7])
body = before + piece * ((size - len(before) - len(after)) // len(piece)) + after
if after:
    body = before + body[len(before):len(body) - len(after)].rstrip(b",") + after
runtime = ThreadedRuntime(Path.cwd())
small = json.dumps({"drives": [record()]}).encode()

async def ask():
    await runtime.ask("predict_batch", small)  # model and libraries are loaded
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    start = kib("VmRSS")
    statuses = await asyncio.gather(*(runtime.ask(name.decode(), body) for _ in range(many)))
    return sorted(set(statuses)), (kib("VmHWM") - start) // 1024

print(json.dumps(asyncio.run(ask())))
"""

BODIES = {
    "empty drives": ("predict_batch", '{"drives": [', "{},", "]}"),
    "numbers for drives": ("predict_batch", '{"drives": [', "7,", "]}"),
    "small records": ("invocations", '{"instances": [', '{"a":0},', "]}"),
    "short rows": ("invocations", '{"instances": [', "[],", "]}"),
    "texts": ("invocations", '{"inputs": ["', 'a","', '"]}'),
}


@pytest.mark.parametrize("name", BODIES)
def test_six_hostile_bodies_at_once(small_models: Path, name: str) -> None:
    settings = {"MODELS_FOLDER": str(small_models), THREADS.name: THREADS.value}
    statuses, mib = run(ASK, *BODIES[name], str(SIZE), str(AT_ONCE), **settings)
    assert set(statuses) <= {422, 429}
    assert mib < MOST_MIB
