"""Model versions in the container `models`: the registry by ETag, and what serving needs of a version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import (
    AzureError,
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.storage.blob import BlobServiceClient

from functions.errors import ModelError
from functions.scoring.model.manifest import EXPLAINER_FILE, MANIFEST_FILE, MODEL_FILE, REGISTRY_FILE
from functions.storage import containers
from functions.storage.errors import ModelStoreError, RegistryMissingError

SERVED_FILES = (MANIFEST_FILE, MODEL_FILE, EXPLAINER_FILE)
"""Files of a version that serving reads; cards, figures and the pipeline stay where they are."""

MAX_FILE_BYTES = 256 * 1024 * 1024
"""Beyond any model of ours (hundreds of kilobytes); a larger blob is not one, and would fill the memory."""

_PATIENCE: dict[str, Any] = {"retry_total": 2, "connection_timeout": 5, "read_timeout": 20}
"""Options of one request, in seconds: a first call waits for it, and a refresh comes again by itself."""


@dataclass(frozen=True, slots=True)
class StoredRegistry:
    """One version of ``registry.json``; its ETag has its quotes."""

    content: bytes
    etag: str


class ModelStore:
    """Reads a container that has the layout of a models folder."""

    def __init__(self, service: BlobServiceClient) -> None:
        self._container = service.get_container_client(containers.MODELS)
        self.where = f"the container {containers.MODELS} of {service.account_name}"

    def registry(self, unless: str | None = None) -> StoredRegistry | None:
        """Return the registry; None when it still has the ETag `unless`.

        Raises
        ------
        RegistryMissingError
        ModelStoreError
            The account does not answer, or refuses.
        """
        condition: dict[str, Any] = {}
        if unless is not None:
            condition = {"etag": unless, "match_condition": MatchConditions.IfModified}
        try:
            return StoredRegistry(*self._download(REGISTRY_FILE, **condition))
        except ResourceNotFoundError:
            msg = (
                f"There is no {REGISTRY_FILE} in {self.where}. Publish a version "
                "(`python -m training publish VERSION --storage ACCOUNT`), or set MODELS_SOURCE to package."
            )
            raise RegistryMissingError(msg) from None
        except ResourceModifiedError:
            return None

    def read(self, version: str, name: str) -> bytes:
        """Return one file of a version.

        Raises
        ------
        ModelError
            It is not there, or it is larger than any model.
        ModelStoreError
            The account does not answer, or refuses.
        """
        path = f"{checked_name(version)}/{name}"
        try:
            return self._download(path)[0]
        except ResourceNotFoundError:
            msg = (
                f"Model {version} lacks {name} in {self.where}. Publish it again, or promote another version."
            )
            raise ModelError(msg) from None

    def fetch(self, version: str, models: Path) -> Path:
        """Download what serving needs of a version into a folder of its name; return that folder.

        Raises
        ------
        ModelError
            A file is not there.
        ModelStoreError
            The account does not answer, or refuses.
        OSError
            The files cannot be written.
        """
        folder = models / checked_name(version)
        folder.mkdir()
        for name in SERVED_FILES:
            (folder / name).write_bytes(self.read(version, name))
        return folder

    def _download(self, path: str, **condition: Any) -> tuple[bytes, str]:
        with asking(f"{path} in {self.where} cannot be read"):
            found = self._container.download_blob(path, **condition, **_PATIENCE)
            if found.size > MAX_FILE_BYTES:
                msg = (
                    f"{path} in {self.where} has {found.size:,} bytes; a file of a model has at most "
                    f"{MAX_FILE_BYTES:,}."
                )
                raise ModelError(msg)
            return found.readall(), str(found.properties.etag)


@contextmanager
def asking(failure: str) -> Iterator[None]:
    """Turn the storage client's errors into `ModelStoreError`, but for conditions and absences.

    *failure* is a sentence without its end.
    """
    try:
        yield
    except (ResourceNotFoundError, ResourceModifiedError, ResourceExistsError):
        raise
    except HttpResponseError as error:
        raise ModelStoreError(f"{failure}: {_answer(error)}.") from error
    except AzureError as error:
        # Its text may hold the address with a signature in it.
        raise ModelStoreError(f"{failure}: the account does not answer.") from error


def checked_name(version: str) -> str:
    """Return a version's name; raise `ModelError` when it could lead out of the version's folder."""
    if version in ("", ".", "..") or "\\" in version or PurePosixPath(version).name != version:
        msg = f"{version!r} cannot be a version's name; expected one such as v2."
        raise ModelError(msg)
    return version


def _answer(error: HttpResponseError) -> str:
    if error.status_code is None:
        return "no identity to sign in with was found, or the account key is not one"
    code = getattr(error, "error_code", None)
    message = f"the account answers {error.status_code}" + (
        f" {getattr(code, 'value', code)}" if code else ""
    )
    if error.status_code == HTTPStatus.FORBIDDEN:
        message += " (reading needs the role Storage Blob Data Reader, writing Storage Blob Data Contributor)"
    return message
