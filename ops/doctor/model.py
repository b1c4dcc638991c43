"""The model that answers: the one the alias names, with the digests it was registered with."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import msgspec
from azure.core.exceptions import ResourceNotFoundError

from functions.settings import MODEL, MODELS_FOLDER, MODELS_SOURCE, value_of
from functions.storage.containers import MODELS
from ops.app import response
from ops.app.target import KEY_VARIABLE, Target
from ops.doctor.check import Finding, failure, ok
from ops.doctor.settings import settings_of
from ops.errors import OpsError

REGISTRY = "registry.json"
MANIFEST = "manifest.json"
SERVED = ("model.onnx", "explainer.npz")
"""The files of a version that the app loads."""

type ReadFile = Callable[[str], bytes]


def check_model(target: Target) -> Finding:
    """Compare what the app says of its model with the registry and the files it was deployed from."""
    answer = response.get(target.http, response.MODEL)
    if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return failure(
            f"GET {response.MODEL} wants a function key",
            f"put it into {KEY_VARIABLE} (`export {KEY_VARIABLE}=KEY`)",
        )
    if not answer.is_ok:
        return failure(
            f"GET {response.MODEL} answered {answer.summary}",
            "restore the version's files, or point the alias to a version that serves and deploy",
        )
    settings = settings_of(target)
    if value_of(MODELS_SOURCE, settings) == "container":
        location, read = f"the container {MODELS}", _from_container(target)
    else:
        folder = target.folder / value_of(MODELS_FOLDER, settings)
        location, read = str(value_of(MODELS_FOLDER, {})), lambda name: (folder / name).read_bytes()
    return judge(answer.document, value_of(MODEL, settings), location, read)


def _from_container(target: Target) -> ReadFile:
    def read(name: str) -> bytes:
        try:
            return bytes(target.blobs.get_blob_client(MODELS, name).download_blob().readall())
        except ResourceNotFoundError:
            raise OpsError(f"there is no {name} in the container {MODELS}") from None

    return read


def judge(answered: dict[str, Any], name: str, location: str, read: ReadFile) -> Finding:
    """Hold the app's answer to GET /api/model against a models folder or container.

    Parameters
    ----------
    name : str
        Alias or version that is to answer, as the setting says.
    read : callable
        Gives a file of the place by its path.

    Raises
    ------
    OpsError
        The registry, a manifest or a model file cannot be read.
    """
    version = str(answered.get("version"))
    registry = _json(read, REGISTRY, location)
    aliases = registry.get("aliases") or {}
    wanted = aliases.get(name, name)
    if version != wanted:
        return failure(
            f"the app answers with {version}; {name} in {location} is {wanted}",
            "deploy this folder, or look at it from the commit that was deployed",
        )
    registered = (registry.get("manifests") or {}).get(version)
    if registered is not None and _digest(read, f"{version}/{MANIFEST}", location) != registered:
        return failure(
            f"{MANIFEST} of {version} in {location} is not the one its registry records", "restore the file"
        )
    recorded = dict(_json(read, f"{version}/{MANIFEST}", location).get("files") or {})
    theirs = dict(answered.get("files") or {})
    here = {file: _digest(read, f"{version}/{file}", location) for file in SERVED if file in recorded}
    wrong = [file for file in here if here[file] != recorded[file]]
    if wrong:
        return failure(
            f"{', '.join(wrong)} of {version} in {location} is not what its manifest says",
            "restore the files",
        )
    wrong = [file for file in here if theirs.get(file) != recorded[file]]
    if wrong:
        return failure(
            f"the app's {version} is not the one in {location}: {', '.join(wrong)} differ",
            "a version never changes: deploy this folder, or register the new model under a new name",
        )
    return ok(f"{name} is {version}; {len(here)} digests as recorded")


def _digest(read: ReadFile, name: str, location: str) -> str:
    return hashlib.sha256(_bytes(read, name, location)).hexdigest()


def _json(read: ReadFile, name: str, location: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(_bytes(read, name, location), type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise OpsError(f"{name} in {location} cannot be read: {error}") from None


def _bytes(read: ReadFile, name: str, location: str) -> bytes:
    try:
        return read(name)
    except OSError as error:
        raise OpsError(f"{name} in {location} cannot be read: {error.strerror}") from None
