"""Microsoft's ``azure-functions-runtime`` 1.3.0, driven in process: indexing and invocation.

The only module that touches that library's private API, which is why the version is pinned exactly. Function
code runs on the thread (or event loop) that calls :func:`invoke` (or :func:`invoke_async`); the library's own
thread pool is replaced by :class:`_CallingThread`, which saves two thread switches per invocation.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.metadata
import json
import logging
import os
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devhost import grpc_messages
from devhost.errors import DevhostError
from devhost.indexing_errors import check_function, check_names, explain

PINNED = "1.3.0"
"""The version of azure-functions-runtime whose private API this module knows.

To move to another: run tests/devhost against it, compare ``handle_event.invocation_request`` and
``native_invocation.run_invocation_sync`` with the calls below, then change the number here and in
requirements-dev.in.
"""


@dataclass(frozen=True)
class Function:
    """An indexed function."""

    name: str
    function_id: str
    bindings: tuple[dict[str, Any], ...]
    """Binding objects as the Functions host (and Azure) sees them."""
    is_async: bool
    deferred: frozenset[str]
    """Parameters bound to SDK types, e.g. BlobClient."""

    @property
    def trigger(self) -> dict[str, Any]:
        """The binding that starts the function."""
        return next(binding for binding in self.bindings if str(binding["type"]).endswith("Trigger"))


@dataclass(frozen=True)
class HttpInput:
    """An HTTP request, already decoded as far as the host decodes it."""

    method: str
    url: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    route_params: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class JsonInput:
    """A JSON text, e.g. a timer's state."""

    text: str


@dataclass(frozen=True)
class BlobInput:
    """The data of an SDK-type binding: the client is opened by the function's own process."""

    connection: str
    container: str
    blob: str


type Value = HttpInput | JsonInput | BlobInput | bytes | str


@dataclass(frozen=True)
class InvocationOutcome:
    """How an invocation ended.

    ``value`` is the return value and ``outputs`` the output bindings, each as the runtime encodes them: an
    object with ``type`` (``http``, ``string``, ``bytes``, ``json``) and ``value``; None when the function
    returned nothing.
    """

    error: str | None = None
    traceback: str | None = None
    value: Any = None
    outputs: tuple[tuple[str, Any], ...] = ()


class _Settled(Future[Any]):
    """A future that is settled from the start: without the lock of others, which costs as much as a call."""

    def __init__(self, value: Any, error: BaseException | None = None) -> None:
        self._value = value
        self._error = error

    def result(self, timeout: float | None = None) -> Any:  # noqa: ARG002 - the class has it
        if self._error is not None:
            raise self._error
        return self._value

    def exception(self, timeout: float | None = None) -> BaseException | None:  # noqa: ARG002
        return self._error

    def done(self) -> bool:
        return True

    def cancelled(self) -> bool:
        return False

    def running(self) -> bool:
        return False

    def cancel(self) -> bool:
        return False

    def add_done_callback(self, fn: Callable[[Future[Any]], object]) -> None:
        fn(self)


class _CallingThread(Executor):
    """Runs what is submitted at once, on the submitting thread."""

    def submit[**P, T](self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        try:
            return _Settled(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - the future carries it, as in every executor
            return _Settled(None, error)


class Runtime:
    """The library with one app indexed in it; one per process, as the library's registry is a module's."""

    def __init__(self, app: Path) -> None:
        """Import and index the app.

        Parameters
        ----------
        app : Path
            Folder holding ``function_app.py`` (or what ``PYTHON_SCRIPT_FILE_NAME`` names). It becomes the
            working directory and the first import path, as in the Functions host.

        Raises
        ------
        DevhostError
            If the library's version is another, the app cannot be imported or indexed, or has no functions.
        """
        self._load_library()
        script = app / os.environ.get("PYTHON_SCRIPT_FILE_NAME", "function_app.py")
        if not script.is_file():
            raise DevhostError(f"{script}: not found; run devhost in the app's folder or name it with --app")
        os.chdir(app)
        sys.path.insert(0, str(app))
        self.functions: tuple[Function, ...] = tuple(self._index(script, app))

    def _load_library(self) -> None:
        try:
            version = importlib.metadata.version("azure-functions-runtime")
        except importlib.metadata.PackageNotFoundError:
            version = "absent"
        if version != PINNED:
            raise DevhostError(
                f"azure-functions-runtime is {version}, expected {PINNED}: "
                f"pip install azure-functions-runtime=={PINNED}"
            )
        self._events = _module("handle_event")
        self._native = _module("native_invocation")
        self._datum = _module("bindings.datumdef").Datum
        http_v2 = _module("http_v2")
        self._http_v2: Callable[[], bool] = http_v2.HttpV2Registry.http_v2_enabled
        _module("bindings.meta").load_binding_registry()
        self._events.protos = grpc_messages
        executor = _CallingThread()
        self._events.get_threadpool_executor = self._native.get_threadpool_executor = lambda: executor
        # The library logs each failure with its traceback; the invoker logs it too, with the function's name.
        logging.getLogger("azure.functions").addFilter(
            lambda line: not line.getMessage().startswith("Native ")
        )

    def _index(self, script: Path, app: Path) -> list[Function]:
        try:
            found = self._events.index_functions(str(script), str(app))
        except (Exception, SystemExit) as error:
            raise DevhostError(explain(error, script, app)) from error
        if not found:
            raise DevhostError(
                f"{script}: 0 functions found; decorate functions of a FunctionApp or register blueprints"
            )
        if self._http_v2():
            raise DevhostError(
                f"{script}: uses HTTP streaming (azurefunctions-extensions-http-fastapi): not supported"
            )
        functions = [self._function(metadata) for metadata in found]
        check_names(function.name for function in functions)
        for function in functions:
            check_function(function.name, function.bindings)
        return functions

    def _function(self, metadata: grpc_messages.RpcFunctionMetadata) -> Function:
        info = self._events._functions.get_function(metadata.function_id)  # noqa: SLF001 - see the module
        return Function(
            name=metadata.name,
            function_id=metadata.function_id,
            bindings=tuple(json.loads(text) for text in metadata.raw_bindings),
            is_async=info.is_async,
            deferred=frozenset(n for n, kind in info.input_types.items() if kind.deferred_bindings_enabled),
        )

    def invoke(
        self,
        function: Function,
        invocation_id: str,
        inputs: Mapping[str, Value],
        metadata: Mapping[str, str | JsonInput],
        trace_parent: str = "",
    ) -> InvocationOutcome:
        """Run a function on this thread.

        Parameters
        ----------
        invocation_id : str
            UUID of this invocation.
        inputs : mapping of parameter name to Value
            One per input binding.
        metadata : mapping
            Trigger metadata: strings, or JSON texts.
        trace_parent : str
            W3C ``traceparent`` of the caller, or "".

        Returns
        -------
        Outcome
            Never raises for what the function does.
        """
        if function.is_async or function.deferred:
            return asyncio.run(self.invoke_async(function, invocation_id, inputs, metadata, trace_parent))
        _, ok, value, outputs, error, trace = self._native.run_invocation_sync(
            invocation_id,
            function.function_id,
            [(name, self._to_datum(item)) for name, item in inputs.items()],
            {name: self._to_datum(item) for name, item in metadata.items()},
            trace_parent,
        )
        return InvocationOutcome(None, None, value, tuple(outputs)) if ok else InvocationOutcome(error, trace)

    async def invoke_async(
        self,
        function: Function,
        invocation_id: str,
        inputs: Mapping[str, Value],
        metadata: Mapping[str, str | JsonInput],
        trace_parent: str = "",
    ) -> InvocationOutcome:
        """Run a function on this event loop; as :meth:`invoke` otherwise."""
        if function.deferred:
            return await self._invoke_deferred(function, invocation_id, inputs, metadata, trace_parent)
        ok, value, outputs, error, trace = await self._native.invocation_request_native(
            invocation_id,
            function.function_id,
            [(name, self._to_datum(item)) for name, item in inputs.items()],
            {name: self._to_datum(item) for name, item in metadata.items()},
            trace_parent,
        )
        return InvocationOutcome(None, None, value, tuple(outputs)) if ok else InvocationOutcome(error, trace)

    async def _invoke_deferred(
        self,
        function: Function,
        invocation_id: str,
        inputs: Mapping[str, Value],
        metadata: Mapping[str, str | JsonInput],
        trace_parent: str,
    ) -> InvocationOutcome:
        """Take the way of the gRPC messages, the only one that serves SDK-type bindings."""
        request = grpc_messages.Message(
            invocation_id=invocation_id,
            function_id=function.function_id,
            input_data=[
                grpc_messages.ParameterBinding(name=n, data=_to_typed_data(v)) for n, v in inputs.items()
            ],
            trigger_metadata={name: _to_typed_data(item) for name, item in metadata.items()},
            trace_context=grpc_messages.Message(trace_parent=trace_parent, trace_state="", attributes={}),
            retry_context=grpc_messages.Message(retry_count=0, max_retry_count=0, exception=None),
        )
        answer = await self._events.invocation_request(
            grpc_messages.Message(request=grpc_messages.Message(invocation_request=request))
        )
        if answer.result.status != grpc_messages.StatusResult.Success:
            return InvocationOutcome(answer.result.exception.message, answer.result.exception.stack_trace)
        outputs = ((item.name, self._from_typed_data(item.data)) for item in answer.output_data)
        return InvocationOutcome(None, None, self._from_typed_data(answer.return_value), tuple(outputs))

    def _from_typed_data(self, data: grpc_messages.TypedData | None) -> Any:
        """Give both ways the same result type: the runtime's Datum."""
        kind = data.WhichOneof("data") if data is not None else None
        if data is None or kind is None:
            return None
        if kind != "http":
            return self._datum(getattr(data, kind), kind)
        http = data.http
        text = {name: self._datum(value, "string") for name, value in http.headers.items()}
        body = self._from_typed_data(http.body)
        status = self._datum(http.status_code, "string")
        return self._datum({"status_code": status, "headers": text, "body": body, "cookies": None}, "http")

    def _to_datum(self, value: Value) -> Any:
        datum = self._datum
        match value:
            case str():
                return datum(value, "string")
            case bytes():
                return datum(value, "bytes")
            case JsonInput():
                return datum(value.text, "json")
            case HttpInput():
                return datum(
                    {
                        "method": datum(value.method, "string"),
                        "url": datum(value.url, "string"),
                        "headers": {name: datum(text, "string") for name, text in value.headers.items()},
                        "query": {name: datum(text, "string") for name, text in value.query.items()},
                        "params": {name: datum(text, "string") for name, text in value.route_params.items()},
                        "body": datum(value.body, "bytes"),
                    },
                    "http",
                )
            case BlobInput():
                raise TypeError("an SDK-type binding goes through the deferred way")


def _module(name: str) -> Any:
    return importlib.import_module(f"azure_functions_runtime.{name}")


def _to_typed_data(value: Value) -> grpc_messages.TypedData:
    match value:
        case str():
            return grpc_messages.TypedData(string=value)
        case bytes():
            return grpc_messages.TypedData(bytes=value)
        case JsonInput():
            return grpc_messages.TypedData(json=value.text)
        case HttpInput():
            http = grpc_messages.Message(
                method=value.method,
                url=value.url,
                headers=value.headers,
                query=value.query,
                params=value.route_params,
                body=grpc_messages.TypedData(bytes=value.body),
            )
            return grpc_messages.TypedData(http=http)
        case BlobInput():
            content = {
                "Connection": value.connection,
                "ContainerName": value.container,
                "BlobName": value.blob,
            }
            reference = grpc_messages.ModelBindingData(
                version="1.0",
                source="AzureStorageBlobs",
                content_type="application/json",
                content=json.dumps(content).encode(),
            )
            return grpc_messages.TypedData(model_binding_data=reference)
