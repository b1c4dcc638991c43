"""What a file's outputs are when nothing goes wrong: scored in this process, in one piece."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

from azure.storage.blob import BlobServiceClient

from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.history.folder_store import FolderSnapshotStore
from functions.scoring.model.onnx_model import Model
from functions.scoring.model.scorer import Scorer
from functions.scoring.report.page.render import report_page
from functions.scoring.report.summary import summary_json
from functions.scoring.report.tally import Source
from tests.functions.conftest import Fleet
from tests.support.drives import score


class Undisturbed:
    """Scores what a test uploads, with a history of its own.

    Parameters
    ----------
    models : Path
        Models folder.
    folder : Path
        For the history.
    blobs : BlobServiceClient
        The account whose outputs are compared.

    Attributes
    ----------
    history : Path
        The folder.
    """

    def __init__(self, models: Path, folder: Path, blobs: BlobServiceClient) -> None:
        model = Model.load(models)
        self._manifest = model.manifest
        self._engine = CsvEngine(Scorer(model))
        self.history = folder
        self._store = FolderSnapshotStore(folder)
        self._blobs = blobs

    def expect_after(self, fleet: Fleet, arrive: Callable[[str], None], name: str, data: bytes) -> None:
        """Drop a file, deliver it, and hold its outputs against ours."""
        etag = fleet.drop(f"{name}.csv", data)
        arrive(f"{name}.csv")
        self.expect(fleet, name, data, etag, 0)

    def expect(
        self,
        fleet: Fleet,
        name: str,
        data: bytes,
        etag: str,
        seconds: float = 60.0,
        *,
        ending: str = ".csv",
    ) -> dict[str, Any]:
        """Wait until a file is scored, and hold every byte of its outputs against ours.

        Parameters
        ----------
        fleet : Fleet
        name : str
            Of the file, without its ending.
        data : bytes
        etag : str
            Of this upload.
        seconds : float
            Longest wait.
        ending : {".csv", ".csv.gz", ".json"}

        Returns
        -------
        dict
            The summary.
        """
        told = fleet.summary(name, etag, seconds, status="scored")
        stem = f"{fleet.folder}/{name}"
        ours = score(self._engine, data, name=f"{stem}{ending}", etag=etag, store=self._store)
        assert fleet.output(f"{name}.csv") == ours.scored
        assert fleet.output(f"{name}.rejects.csv") == ours.rejects
        source = Source(f"{stem}{ending}", etag, len(data))
        page = report_page(source, ours.tally, ours.summary, self._manifest)
        assert fleet.output(f"{name}.report.html") == page
        assert fleet.output(f"{name}.summary.json") == summary_json(ours.summary)
        for snapshot in ours.summary["history"]["snapshots_written"]:
            day, _, path = snapshot.partition("/")
            blob = self._blobs.get_blob_client("history", f"{snapshot}.arrow")
            assert blob.download_blob().readall() == self._store.load(dt.date.fromisoformat(day), path)
        assert told == ours.summary
        return told
