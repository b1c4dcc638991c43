"""Every invocation: its id, its log lines, its time limit, and how many are running."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from azure.core.exceptions import AzureError

from devhost.errors import DevhostError
from devhost.logs import current_invocation, running_invocations
from devhost.outputs import Outputs
from devhost.runtime import Function, InvocationOutcome, JsonInput, Runtime, Value
from devhost.worker_options import TIMED_OUT


class Invoker:
    """Runs functions through the runtime, with the host's log lines around them."""

    def __init__(self, runtime: Runtime, time_limit: float | None, outputs: Outputs) -> None:
        """Parameters: the runtime, ``functionTimeout`` in seconds or None, the writer of output bindings."""
        self.runtime = runtime
        self._outputs = outputs
        self._running = running_invocations
        self._loggers = {f.name: logging.getLogger(f"Function.{f.name}") for f in runtime.functions}
        if time_limit is not None:
            threading.Thread(target=self._watch, args=(time_limit,), daemon=True, name="time-limit").start()

    @property
    def running(self) -> int:
        """Invocations in progress in this process."""
        return len(self._running)

    def run(
        self,
        function: Function,
        reason: str,
        inputs: Mapping[str, Value],
        metadata: Mapping[str, str | JsonInput],
        trace_parent: str = "",
    ) -> InvocationOutcome:
        """Run a function on this thread and log how it went."""
        with self._invocation(function, reason) as (invocation_id, finish):
            outcome = self.runtime.invoke(function, invocation_id, inputs, metadata, trace_parent)
            outcome = self._write(function, outcome, metadata)
            finish.append(outcome)
        return outcome

    async def run_async(
        self,
        function: Function,
        reason: str,
        inputs: Mapping[str, Value],
        metadata: Mapping[str, str | JsonInput],
        trace_parent: str = "",
    ) -> InvocationOutcome:
        """Run a function on this event loop and log how it went."""
        with self._invocation(function, reason) as (invocation_id, finish):
            outcome = await self.runtime.invoke_async(function, invocation_id, inputs, metadata, trace_parent)
            if outcome.outputs:
                outcome = await asyncio.to_thread(self._write, function, outcome, metadata)
            finish.append(outcome)
        return outcome

    def _write(
        self, function: Function, outcome: InvocationOutcome, metadata: Mapping[str, str | JsonInput]
    ) -> InvocationOutcome:
        """Write output bindings; the invocation fails when that does."""
        if not outcome.outputs:
            return outcome
        token = current_invocation.set(None)  # the host writes them: what it logs is not the app's
        try:
            self._outputs.write(function, dict(outcome.outputs), metadata)
        except (AzureError, DevhostError) as error:
            return InvocationOutcome(f"output binding not written: {error}")
        finally:
            current_invocation.reset(token)
        return outcome

    @contextmanager
    def _invocation(self, function: Function, reason: str) -> Iterator[tuple[str, list[InvocationOutcome]]]:
        invocation_id = str(uuid.uuid4())
        log = self._loggers[function.name]
        token = current_invocation.set((function.name, invocation_id))
        started = time.monotonic()
        self._running[invocation_id] = (function.name, started)
        finish: list[InvocationOutcome] = []
        # An HTTP call is told in one line, when it ends: two would cost more than a small function does.
        if reason:
            log.info("Executing (Reason=%s)", reason)
        try:
            yield invocation_id, finish
        finally:
            del self._running[invocation_id]
            spent = (time.monotonic() - started) * 1000
            error = finish[0] if finish and finish[0].error else None
            if error is not None:
                log.error(
                    "Failed after %.0f ms: %s\n%s", spent, error.error, own_frames(error.traceback or "")
                )
            elif log.isEnabledFor(logging.INFO):
                log.info("Executed (%s, %.1f ms)", "Succeeded" if finish else "Cancelled", spent)
            current_invocation.reset(token)

    def _watch(self, limit: float) -> None:
        """End the process when a function overruns, as the host does: a thread cannot be stopped."""
        while True:
            time.sleep(min(1.0, limit / 4))
            now = time.monotonic()
            for invocation_id, (name, started) in list(self._running.items()):
                if now - started > limit:
                    log = self._loggers[name]
                    log.error(
                        "%s ran longer than functionTimeout (%.0f s): worker restarts", invocation_id, limit
                    )
                    logging.shutdown()
                    os._exit(TIMED_OUT)


def own_frames(trace: str) -> str:
    """Drop from a traceback's text what is not the developer's: frames of the runtime and of this tool."""
    foreign = ("azure_functions_runtime", str(Path("concurrent") / "futures"), str(Path(__file__).parent))
    kept, skipping = [], False
    for line in trace.rstrip().splitlines():
        if line.startswith("  File "):
            skipping = any(part in line for part in foreign)
        elif not line.startswith("    "):
            skipping = False
        if not skipping:
            kept.append(line)
    return "\n".join(kept)
