"""What is in the places of a run's outputs: looked at together, before the first of them is replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.storage.publish import look

if TYPE_CHECKING:
    from collections.abc import Iterable

    from azure.storage.blob import BlobClient, BlobProperties


class OutputPlaces:
    """The places of the outputs that one run replaces or removes.

    An output that cannot be replaced shows while all of them are still those of one run. It costs no more
    requests than looking at each before it is written; what has been replaced since is refused by the
    condition of the write, and looked at again.

    Parameters
    ----------
    targets : iterable of BlobClient
    """

    def __init__(self, targets: Iterable[BlobClient]) -> None:
        self._unseen = list(targets)
        self._seen: dict[str, BlobProperties | None] = {}

    def look(self, target: BlobClient) -> BlobProperties | None:
        """Return what is in an output's place: the first time as all of them were found, later as it is.

        Raises
        ------
        OutputLeasedError
            A client holds a lease on one of the outputs.
        """
        if self._unseen:
            self._seen = {str(each.blob_name): look(each) for each in self._unseen}
            self._unseen = []
        if target.blob_name in self._seen:
            return self._seen.pop(target.blob_name)
        return look(target)
