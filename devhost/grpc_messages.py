"""Plain records standing in for the gRPC messages the runtime library takes its classes from.

The library reads these classes through its module variable ``protos``; this module *is* that variable.
Attribute and method names are those of Microsoft's ``FunctionRpc.proto``.
"""

from __future__ import annotations

from typing import Any, ClassVar


class Message:
    """A message: whatever is passed by keyword becomes an attribute."""

    _oneof: ClassVar[dict[str, tuple[str, ...]]] = {}

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)

    def __getattr__(self, name: str) -> Any:
        if not name[:1].islower():  # fields are lower case; the library probes some messages for class names
            raise AttributeError(name)
        return None

    def WhichOneof(self, group: str) -> str | None:  # noqa: N802 - protobuf's name
        """Name the field of *group* that is set, as protobuf messages do."""
        return next((name for name in self._oneof[group] if name in self.__dict__), None)


class TypedData(Message):
    """One value on its way in or out of a function."""

    _oneof: ClassVar[dict[str, tuple[str, ...]]] = {
        "data": ("string", "json", "bytes", "stream", "http", "int", "double", "model_binding_data")
    }


class ParameterBinding(Message):
    """A named value."""

    _oneof: ClassVar[dict[str, tuple[str, ...]]] = {"rpc_data": ("data", "rpc_shared_memory")}


class BindingInfo(Message):
    """Direction and data type of a binding; the class attributes are the enumeration's members."""

    undefined = 0
    out = 1
    inout = 2


setattr(BindingInfo, "in", 0)  # a keyword, so it cannot be written as the others


class StatusResult(Message):
    """How an invocation ended."""

    Failure = 0
    Success = 1
    Cancelled = 2


class ModelBindingData(Message):
    """Reference an SDK-type (deferred) binding is made from: version, source, content_type, content."""


class RpcFunctionMetadata(Message):
    """An indexed function."""


class InvocationResponse(Message):
    """Result, return value and output bindings of one invocation."""


class RpcException(Message):
    """Message and stack trace of a failed invocation."""


class RpcHttp(Message):
    """An HTTP response."""


class RpcHttpCookie(Message):
    """A cookie of an HTTP response."""

    class SameSite:
        """Members of the enumeration; ``None`` is added below."""

        Lax = 1
        Strict = 2
        ExplicitNone = 3


setattr(RpcHttpCookie.SameSite, "None", 0)


class RpcRetryOptions(Message):
    """Retry policy of a function."""
