"""The binding type of the blob trigger, on messages as the host sends them."""

import json
import subprocess
import sys
from types import SimpleNamespace

import pytest
from azurefunctions.extensions.base import Datum

from functions.blueprints.blob_reference import BlobReference, BlobReferenceConverter
from tests.support.running_app import PROJECT


def message(**content: str) -> Datum:
    data = SimpleNamespace(
        version="1.0",
        source="AzureStorageBlobs",
        content_type="application/json",
        content=json.dumps(content).encode(),
    )
    return Datum(data, "model_binding_data")


def test_the_blob_is_named() -> None:
    sent = message(Connection="AzureWebJobsStorage", ContainerName="telemetry", BlobName="a/Tag 1 ü.csv")
    reference = BlobReferenceConverter.decode(sent, trigger_metadata={}, pytype=BlobReference)
    assert (reference.container_name, reference.blob_name) == ("telemetry", "a/Tag 1 ü.csv")


@pytest.mark.parametrize("sent", [None, Datum(b"date,", "bytes")])
def test_content_is_refused(sent: Datum | None) -> None:
    with pytest.raises(ValueError, match="'model_binding_data'"):
        BlobReferenceConverter.decode(sent, trigger_metadata={}, pytype=BlobReference)


def test_the_app_is_imported_without_the_storage_and_identity_libraries() -> None:
    program = "import sys, function_app; print(*sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    unwanted = {"azure.storage", "azure.core", "azure.identity", "requests", "pyarrow", "pandas", "sklearn"}
    assert not unwanted & set(ended.stdout.split())
