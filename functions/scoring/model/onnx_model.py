"""One model version: loaded, verified, asked."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime as ort

from functions.errors import ModelError
from functions.scoring.model.features import FeaturePlan
from functions.scoring.model.golden import check_features, recorded_features
from functions.scoring.model.manifest import (
    CHAMPION,
    EXPLAINER_FILE,
    MODEL_FILE,
    Manifest,
    read_manifest,
    read_registry,
)
from functions.scoring.model.unique_rows import unique_rows

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

GOLDEN_TOLERANCE = 1e-6
"""Largest difference between a golden row's probability as recorded and as scored."""

MANY_ROWS = 64
"""Number of rows from which looking for equal ones costs less than scoring them all."""

INPUT = "features"
LOG_ODDS = "log_odds"
PROBABILITY = "probability"
"""Names in the ONNX graph."""


def _session(content: bytes) -> ort.InferenceSession:
    """Make a session that runs on the caller's thread alone.

    A row costs microseconds, so hand-over to other threads costs more than it saves; batches are parallel by
    block. Spinning and the memory arena trade idle CPU and memory for nothing here.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.enable_cpu_mem_arena = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])


class Model:
    """A model version that has been checked against its manifest.

    Use `Model.load`.
    """

    def __init__(self, manifest: Manifest, session: ort.InferenceSession, folder: Path) -> None:
        self.manifest = manifest
        self.plan = FeaturePlan(manifest.features)
        self.folder = folder
        self._session = session

    @classmethod
    def load(cls, models: Path, name: str = CHAMPION) -> Model:
        """Load a version by alias (``champion``) or name (``v2``) from a models folder and verify it.

        Raises
        ------
        ModelError
            A file is missing, a digest is not the recorded one, the manifest says what cannot be, or the
            telemetry of a golden row comes to other features or another probability than recorded.
        """
        registry = read_registry(models)
        version = registry.resolve(name)
        return cls.read(models / version, registry.manifests.get(version))

    @classmethod
    def read(cls, folder: Path, digest: str | None = None) -> Model:
        """Load the version in a folder of its name and verify it.

        Parameters
        ----------
        digest : str, optional
            sha256 of its manifest, as the registry records it.

        Raises
        ------
        ModelError
            As `load` does.
        """
        manifest = read_manifest(folder, digest)
        content = _read_verified(folder, MODEL_FILE, manifest)
        _read_verified(folder, EXPLAINER_FILE, manifest)
        try:
            model = cls(manifest, _session(content), folder)
            model.check_width()
            model.check_golden_rows()
        except ModelError:
            raise
        except Exception as error:
            # ONNX Runtime has many exception classes; all of them mean that it cannot be served.
            msg = f"Model {manifest.version} cannot be served by ONNX Runtime {ort.__version__}: {error}"
            raise ModelError(msg) from error
        return model

    @property
    def version(self) -> str:
        """The version's name."""
        return self.manifest.version

    def predict(self, features: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Score rows of features, (n, f); return log-odds and probability, (n,) each.

        Log-odds keep their order where probabilities near 0 or 1 no longer differ.
        """
        found = unique_rows(features) if len(features) >= MANY_ROWS else None
        if found is None:
            return self._run(features)
        first, kind = found
        log_odds, probability = self._run(features[first])
        return log_odds[kind], probability[kind]

    def _run(self, features: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        count = len(features)
        if count == 1:
            # ONNX Runtime adds up the trees of a lone row in another order, a float32 step apart; as one of
            # two it scores as it does in a file, so that both paths give the same digits.
            features = np.concatenate((features, features))
        log_odds, probability = self._session.run([LOG_ODDS, PROBABILITY], {INPUT: features})
        return log_odds.ravel()[:count], probability.ravel()[:count]

    def file(self, name: str) -> bytes:
        """Return a file of the version, as it was recorded; ModelError when it is missing or damaged."""
        return _read_verified(self.folder, name, self.manifest)

    def check_width(self) -> None:
        """Raise `ModelError` when the model takes another number of features than the manifest lists."""
        found = self._session.get_inputs()[0].shape[-1]
        if found != len(self.manifest.features):
            msg = (
                f"Model {self.version} takes {found} features, its manifest lists "
                f"{len(self.manifest.features)}; restore the version."
            )
            raise ModelError(msg)

    def check_golden_rows(self) -> None:
        """Score the golden rows from telemetry on; raise `ModelError` when one is not as recorded."""
        check_features(self.manifest, self.plan)
        golden = self.manifest.golden
        rows = recorded_features(golden)
        recorded = np.array([row.probability for row in golden])
        difference = float(np.abs(self.predict(rows)[1] - recorded).max())
        if not difference <= GOLDEN_TOLERANCE:
            msg = (
                f"Model {self.version} scores its golden rows {difference:.2g} away from what was recorded "
                f"(at most {GOLDEN_TOLERANCE:g} is accepted) on ONNX Runtime {ort.__version__}. "
                "Install the pinned requirements, or train the model again with these."
            )
            raise ModelError(msg)


def _read_verified(folder: Path, name: str, manifest: Manifest) -> bytes:
    try:
        content = (folder / name).read_bytes()
    except FileNotFoundError:
        msg = f"Model {manifest.version} lacks {name}; restore the version."
        raise ModelError(msg) from None
    except OSError as error:
        msg = f"{name} of model {manifest.version} cannot be read: {error.strerror}."
        raise ModelError(msg) from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != manifest.files.get(name):
        msg = (
            f"{name} of model {manifest.version} has sha256 {digest}, the manifest says "
            f"{manifest.files.get(name, 'nothing')}. "
            "The file was changed or half-copied; restore the version."
        )
        raise ModelError(msg)
    return content
