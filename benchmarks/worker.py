"""A worker as the host runs one, without the host: files scored through the worker library and its threads.

    AzureWebJobsStorage=... PYTHON_THREADPOOL_THREAD_COUNT=32 python -m benchmarks.worker BLOB ...

Started by `benchmarks.worker_memory`. The app is indexed and called by Microsoft's runtime library, on the
library's own thread pool, as in a worker: devhost runs functions on threads of its own instead. The gRPC
dispatcher of a real worker, and its threads, are absent. Messages are delivered one at a time, in the order
in which the functions send them.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
import time
import uuid
from pathlib import Path
from typing import Any

from azure_functions_runtime import handle_event, native_invocation
from azure_functions_runtime.utils import threadpool

from benchmarks.measuring.processes import ROOT
from devhost.runtime import BlobInput, Function, InvocationOutcome, JsonInput, Runtime


def worker_runtime() -> Runtime:
    """Index the app, and give the library its own threads back."""
    threadpool.start_threadpool_executor()
    runtime = Runtime(ROOT)
    for module in (handle_event, native_invocation):
        module.get_threadpool_executor = threadpool.get_threadpool_executor
    return runtime


def memory(field: str) -> int:
    """Return what the kernel says of this process, in MiB."""
    status = Path("/proc/self/status").read_text()
    found = re.search(rf"{field}:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) // 1024


class Worker:
    """Scores files one after the other."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._functions = {function.name: function for function in runtime.functions}

    def score(self, blob: str) -> dict[str, Any]:
        """Score a file of the container telemetry, ranges included; return the figures after it."""
        started = time.perf_counter()
        reference = BlobInput("AzureWebJobsStorage", "telemetry", blob)
        waiting = self._call("score_telemetry", client=reference)
        count = 1
        while waiting:
            waiting += self._call("score_range", message=waiting.pop(0))
            count += 1
        used = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "file": blob,
            "messages": count,
            "seconds": round(time.perf_counter() - started, 1),
            "cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
            "peak_mib": memory("VmHWM"),
            "rest_mib": memory("VmRSS"),
        }

    def _call(self, name: str, **inputs: Any) -> list[str]:
        function: Function = self._functions[name]
        metadata: dict[str, str | JsonInput] = {"DequeueCount": JsonInput("1"), "Id": "1", "PopReceipt": "1"}
        outcome: InvocationOutcome = self._runtime.invoke(function, str(uuid.uuid4()), inputs, metadata)
        if outcome.error is not None:
            raise SystemExit(f"{name}: {outcome.error}\n{outcome.traceback}")
        sent = [json.loads(datum.value) for binding, datum in outcome.outputs if binding == "ranges"]
        if [binding for binding, _ in outcome.outputs if binding != "ranges"]:
            raise SystemExit(f"{name} has handed {inputs} on: see its log")
        return [message for messages in sent for message in messages]


def main() -> int:
    """Score the files named and print a line of JSON for each."""
    worker = Worker(worker_runtime())
    for blob in sys.argv[1:]:
        print(json.dumps(worker.score(blob)), flush=True)
    sys.stdout.flush()
    os._exit(0)  # the library's threads would keep the interpreter


if __name__ == "__main__":
    sys.exit(main())
