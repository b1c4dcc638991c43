"""Load by wrk, as Debian packages it: rotating bodies over kept-alive connections, at will or paced."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_SCRIPT = """
local bodies = {{
{bodies}
}}
local requests, place = {{}}, 0
function init(arguments)
  for number, body in ipairs(bodies) do
    requests[number] = wrk.format("{method}", "{path}", {{["Content-Type"] = "application/json"}}, body)
  end
end
function request()
  place = place % #requests + 1
  return requests[place]
end
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\\nRESULT {{"requests": %d, "microseconds": %d, "errors": %d, "p50": %d, "p90": %d, "p99": %d}}\\n',
    summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50), latency:percentile(90), latency:percentile(99)))
end
"""

_PACE = """
local ffi = require("ffi")
ffi.cdef("typedef struct {{ long s; long us; }} moment; int gettimeofday(moment *at, void *zone);")
local at, due = ffi.new("moment"), 0
function delay()
  ffi.C.gettimeofday(at, nil)
  local now = tonumber(at.s) * 1000 + tonumber(at.us) / 1000
  due = math.max(due + 1000 / {rate}, now - 100)
  return math.max(0, math.floor(due - now + 0.5))
end
"""
"""One schedule for all connections; what is more than 0.1 s late is given up, not caught up with."""


class Load(NamedTuple):
    """The outcome of a load.

    Attributes
    ----------
    rate : float
        Requests answered a second.
    errors : int
        Failed connections, time-outs, and answers with a status from 400 on.
    p50, p90, p99 : float
        Latency in microseconds.
    """

    requests: int
    rate: float
    errors: int
    p50: float
    p90: float
    p99: float


def require() -> None:
    """End with code 2 and a sentence when wrk is not installed."""
    if shutil.which("wrk") is None:
        print("wrk is not installed; on Debian: apt-get install wrk", file=sys.stderr)
        raise SystemExit(2)


def write_script(script: Path, path: str, bodies: Sequence[str], rate: float = 0.0) -> Path:
    """Write the Lua script that posts the bodies to a path in turn, at most *rate* a second (0: at will).

    Without bodies it gets the path.
    """
    quoted = ",\n".join(f"[==[{body}]==]" for body in bodies or [""])
    text = _SCRIPT.format(bodies=quoted, path=path, method="POST" if bodies else "GET")
    script.write_text(text + (_PACE.format(rate=rate) if rate else ""))
    return script


def load(base_url: str, script: Path, connections: int, seconds: int) -> Load:
    """Run one load from one thread."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(script)]
    ended = subprocess.run([*command, base_url], capture_output=True, text=True, check=True)
    line = next(line for line in ended.stdout.splitlines() if line.startswith("RESULT "))
    found = json.loads(line.removeprefix("RESULT "))
    rate = found["requests"] / found["microseconds"] * 1e6
    return Load(found["requests"], rate, found["errors"], found["p50"], found["p90"], found["p99"])
