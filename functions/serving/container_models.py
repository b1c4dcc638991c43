"""Models from the storage account: the registry is read again now and then, and a new model swapped in.

A request is never kept waiting once there is a model: a thread reads the registry and loads the named version
while the running model answers. A file waits: it takes longer by itself, and its outputs stay. A version that
cannot be loaded changes nothing. The host drops what a thread of the app's own logs, as that belongs to no
invocation, so the next call logs it.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
import time
from collections import deque
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING

from functions.errors import DrivecastError, ModelError
from functions.scoring.model.manifest import (
    CHALLENGER,
    MANIFEST_FILE,
    REGISTRY_FILE,
    manifest_digest,
    parse_registry,
)
from functions.scoring.model.onnx_model import Model
from functions.scoring.model.scorer import Scorer
from functions.serving.served_models import UNREGISTERED, ServedModels, baseline_of
from functions.storage.errors import ModelStoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from functions.scoring.model.manifest import Registry
    from functions.storage.model_store import ModelStore, StoredRegistry

FOLDER_PREFIX = "drivecast-model-"
"""Of temporary folders; each belongs to one download and goes once the model is in memory."""

LEFT_SECONDS = 3600.0
"""Age at which a temporary folder was left by a killed process: no download takes this long."""

_log = logging.getLogger(__name__)


class ContainerModels:
    """The models that a container's registry names, as far as they can be served.

    Parameters
    ----------
    name : str
        Alias or version that answers.
    refresh_seconds : float
        Least time between two readings of the registry; a call causes one, so an idle process asks nothing.
    """

    def __init__(self, store: ModelStore, name: str, refresh_seconds: float) -> None:
        self._store = store
        self._name = name
        self._seconds = refresh_seconds
        self._served: ServedModels | None = None
        self._etag: str | None = None
        self._due = 0.0
        self._attempt = 0
        self._failure: DrivecastError | None = None
        self._first_load = Lock()
        self._refreshing = Lock()
        self._last_refusal: tuple[str | None, str] | None = None
        self._digests: dict[str, str] = {}
        self._unlogged: deque[Callable[[], None]] = deque()

    def current(self, *, newest: bool = False) -> ServedModels:
        """Return the models in use.

        Parameters
        ----------
        newest : bool
            Whether the call waits for a look at the registry that is due, and for the model it names, rather
            than being the one that starts it. A process that was idle knows of no promotion since.

        Raises
        ------
        ModelError
            There is no model yet, and the registry or the version it names cannot be used now.
        """
        if self._served is None:
            served = self._load_first()
            self._say_all()
            return served
        if newest:
            # Behind a look that is in progress there is none due.
            with self._refreshing:
                if time.monotonic() >= self._due:
                    self._due = time.monotonic() + self._seconds
                    self._look()
            self._say_all()
            return self._served
        self._say_all()
        if time.monotonic() >= self._due and self._refreshing.acquire(blocking=False):
            self._due = time.monotonic() + self._seconds
            try:
                Thread(target=self._refresh, name="model-refresh", daemon=True).start()
            except RuntimeError as error:
                self._refreshing.release()
                _log.warning("the registry is not read again now: %s", error)
        return self._served

    def _load_first(self) -> ServedModels:
        attempt = self._attempt
        with self._first_load:
            if self._served is not None:
                return self._served
            if self._failure is not None and attempt != self._attempt:
                # Failed while this call waited; calls in a queue must not each wait for a time-out.
                raise type(self._failure)(self._failure.detail)
            self._due = time.monotonic() + self._seconds
            try:
                stored = self._store.registry()
                assert stored is not None  # it has no ETag to be unchanged from
                served = self._use(stored)
            except DrivecastError as error:
                self._failure = error
                raise
            finally:
                self._attempt += 1
            self._failure = None
            return served

    def _refresh(self) -> None:
        try:
            self._look()
        finally:
            self._refreshing.release()

    def _look(self) -> None:
        """Read the registry again and swap in what it names; a failure is kept to be said."""
        try:
            stored = self._store.registry(self._etag)
            if stored is not None:
                self._use(stored)
        except DrivecastError as error:
            self._complain(error.detail)
        except Exception as error:  # noqa: BLE001 - whatever it is, the running model answers on
            self._unlogged.append(partial(_log.error, "the registry was not read again", exc_info=error))
        else:
            self._last_refusal = None

    def _use(self, stored: StoredRegistry) -> ServedModels:
        """Load what a registry names and swap it in; return it."""
        try:
            served = self._load(stored)
        except DrivecastError as error:
            if not error.retryable:
                # Nothing will come of the same registry; the next one is tried.
                self._etag = stored.etag
            raise
        before, self._served = self._served, served
        self._etag = stored.etag
        if before is None or before.scorer is not served.scorer:
            version = served.scorer.model.version
            self._unlogged.append(partial(_log.info, "model %s answers, from %s", version, self._store.where))
        return served

    def _load(self, stored: StoredRegistry) -> ServedModels:
        registry = parse_registry(stored.content, f"{REGISTRY_FILE} in {self._store.where}")
        version = registry.resolve(self._name)
        loaded = self._served.loaded() if self._served is not None else {}
        scorer = loaded.get(version) or self._fetch(version, registry)
        # Of the models in memory only challenger and baseline may be asked for again.
        beside = {registry.aliases.get(CHALLENGER), baseline_of(registry)}
        kept = {name: each for name, each in loaded.items() if name in beside}
        return ServedModels(scorer, registry, lambda name: kept.get(name) or self._fetch(name, registry))

    def _fetch(self, version: str, registry: Registry) -> Scorer:
        """Download a version, verify it and load all of it into memory."""
        try:
            _remove_leftovers()
            with tempfile.TemporaryDirectory(prefix=FOLDER_PREFIX, ignore_cleanup_errors=True) as folder:
                found = self._store.fetch(version, Path(folder))
                digest = self._unchanged(version, found)
                scorer = Scorer(Model.read(found, registry.manifests.get(version)))
                # Otherwise read at the first explanation, when the folder is gone.
                _ = scorer.explainer
        except DrivecastError:
            raise
        except (OSError, MemoryError) as error:
            reason = getattr(error, "strerror", None) or "out of memory"
            msg = f"Model {version} cannot be loaded on this instance now: {reason}."
            raise ModelStoreError(msg) from error
        except Exception as error:
            msg = f"Model {version} cannot be loaded: {error!r}. Publish a version that serves."
            raise ModelError(msg) from error
        self._digests[version] = digest
        if version not in registry.manifests:
            self._unlogged.append(partial(_log.warning, UNREGISTERED, version, self._store.where))
        return scorer

    def _unchanged(self, version: str, folder: Path) -> str:
        """Return the digest of a version's manifest, which has the digests of its other files."""
        digest = manifest_digest((folder / MANIFEST_FILE).read_bytes())
        if self._digests.get(version, digest) != digest:
            msg = (
                f"Model {version} in {self._store.where} is not what it was when this process loaded it "
                "before, and a version never changes. Publish the new model under a new name."
            )
            raise ModelError(msg)
        return digest

    def _complain(self, detail: str) -> None:
        """Log why there is no new model, once for each reason in a row."""
        refusal = (self._etag, detail)
        if refusal != self._last_refusal and self._served is not None:
            running = self._served.scorer.model.version
            text = "model %s answers on; the registry's is not used: %s"
            self._unlogged.append(partial(_log.error, text, running, detail))
        self._last_refusal = refusal

    def _say_all(self) -> None:
        """Log, in a call, what happened since the last one."""
        while self._unlogged:
            with suppress(IndexError):  # another call was quicker
                self._unlogged.popleft()()


def _remove_leftovers() -> None:
    oldest = time.time() - LEFT_SECONDS
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*"):
        with suppress(OSError):
            if folder.stat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)
