"""Receipts: one small blob per function and blob version (ETag), so that each version is delivered once.

A receipt is claimed by creating it (If-None-Match), and completed after the message is in the queue. A
claim left open by a process that died is taken over, by ETag, once it is older than :data:`CLAIM_SECONDS`. So
a version is delivered once, and after a crash between claim and queue at least once; never not at all.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

from azure.core import MatchConditions
from azure.core.exceptions import ResourceExistsError, ResourceModifiedError, ResourceNotFoundError
from azure.storage.blob import BlobProperties, BlobType, ContainerClient

from devhost.runtime import Function

log = logging.getLogger("Host.Blobs")

CLAIM_SECONDS = 5.0
"""Age at which an open claim counts as abandoned; from claim to completion are two small requests."""

_MAX_NAME = 1000
"""Blob names end at 1,024 characters; longer receipts' names are digests."""


def host_id(app: Path) -> str:
    """Name this app's host in storage: by the setting ``AzureFunctionsWebHost__hostid``, else its folder."""
    configured = os.environ.get("AzureFunctionsWebHost__hostid")
    if configured:
        return configured.lower()
    slug = re.sub(r"[^a-z0-9]+", "-", app.name.lower()).strip("-")[:20].strip("-") or "app"
    return f"{slug}-{hashlib.sha256(str(app).encode()).hexdigest()[:8]}"


@dataclass(frozen=True)
class BlobVersion:
    """One version of one blob."""

    container: str
    name: str
    etag: str
    """Without quotes."""
    kind: str = "BlockBlob"

    @classmethod
    def of(cls, container: str, found: BlobProperties) -> BlobVersion:
        """Take the version from a listing or a blob's properties."""
        kind = BlobType(found.blob_type or BlobType.BLOCKBLOB).value
        return cls(container, str(found.name), str(found.etag).strip('"'), kind)


@dataclass(frozen=True)
class Claim:
    """An open receipt this process holds."""

    path: str
    etag: str


class Receipts:
    """The receipts of one app."""

    def __init__(self, container: ContainerClient, host: str) -> None:
        """Parameters: the host's container, and the host id."""
        self._container = container
        self._root = f"blobreceipts/{host}"

    def path(self, function: Function, version: BlobVersion) -> str:
        """Name of the receipt blob."""
        tail = f"{version.etag}/{version.container}/{version.name}"
        head = f"{self._root}/Host.Functions.{function.name}"
        if len(head) + len(tail) >= _MAX_NAME:
            tail = hashlib.sha256(tail.encode()).hexdigest()
        return f"{head}/{tail}"

    def delivered(self, function: Function) -> set[str]:
        """List the receipts already completed for a function: their blob names."""
        prefix = f"{self._root}/Host.Functions.{function.name}/"
        blobs = self._container.list_blobs(name_starts_with=prefix, include=["metadata"])
        return {blob.name for blob in blobs if (blob.metadata or {}).get("completed")}

    def claim(self, function: Function, version: BlobVersion) -> Claim | bool:
        """Try to become the one who delivers a version: a claim if it is ours to deliver.

        True if it has been delivered; False if another is delivering it now.
        """
        path = self.path(function, version)
        blob = self._container.get_blob_client(path)
        metadata = {"claimed": f"{time.time():.3f}"}
        try:
            created = blob.upload_blob(b"", overwrite=False, metadata=metadata)
            return Claim(path, created["etag"])
        except ResourceExistsError:
            pass
        try:
            found = blob.get_blob_properties()
            if found.metadata.get("completed"):
                return True
            if time.time() - float(found.metadata.get("claimed", 0)) < CLAIM_SECONDS:
                return False
            log.info("taking over the abandoned receipt of %s/%s", version.container, version.name)
            taken = blob.set_blob_metadata(
                metadata, etag=found.etag, match_condition=MatchConditions.IfNotModified
            )
            return Claim(path, str(taken["etag"]))
        except (ResourceModifiedError, ResourceNotFoundError):
            return False

    def complete(self, claim: Claim) -> None:
        """Note that the message is in the queue."""
        blob = self._container.get_blob_client(claim.path)
        try:
            blob.set_blob_metadata(
                {"completed": f"{time.time():.3f}"},
                etag=claim.etag,
                match_condition=MatchConditions.IfNotModified,
            )
        except ResourceModifiedError:
            log.warning("receipt %s was taken over meanwhile; the blob may be delivered twice", claim.path)
