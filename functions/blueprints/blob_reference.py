"""The blob that started a function, by name: a binding type that opens nothing.

Bound to an SDK type, a function is told which blob it is about, and the host does not send the content. The
official types (azurefunctions-extensions-bindings-blob) make a client of it with the storage and identity
libraries, which are half of the app's cold start; the batch functions need the name alone, and open the blob
at a pinned ETag by themselves. So this type is registered for the binding instead of those, by the interface
both are built on; an app can have one of them only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from azurefunctions.extensions.base import InConverter, SdkType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from azurefunctions.extensions.base import Datum


class _Content(msgspec.Struct):
    """The host's reference to the blob."""

    container: str = msgspec.field(name="ContainerName")
    blob: str = msgspec.field(name="BlobName")


class BlobReference(SdkType):  # type: ignore[misc]
    """A blob of the storage account that the binding names."""

    def __init__(self, *, data: Any) -> None:
        content = msgspec.json.decode(data.content, type=_Content)
        self.container_name = content.container
        self.blob_name = content.blob

    def get_sdk_type(self) -> BlobReference:
        """Return what the function is given: this."""
        return self


class BlobReferenceConverter(InConverter, binding="blob", trigger="blobTrigger"):  # type: ignore[call-arg, misc]
    """Makes the reference from the host's message."""

    @classmethod
    def check_input_type_annotation(cls, pytype: type) -> bool:
        """Return whether a parameter's type is served."""
        return issubclass(pytype, BlobReference)

    @classmethod
    def decode(cls, data: Datum, *, trigger_metadata: Mapping[str, Any], pytype: type) -> BlobReference:  # noqa: ARG003 - the interface has them
        """Return the reference; ValueError when the host sent something else, such as the blob's content."""
        if data is None or data.type != "model_binding_data":
            msg = f"the blob trigger sent {getattr(data, 'type', None)!r}; expected 'model_binding_data'"
            raise ValueError(msg)
        return BlobReference(data=data.value).get_sdk_type()
