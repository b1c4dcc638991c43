"""Equal rows of a matrix, so that a model is asked about each only once.

Most drives have counted no errors, and many of the rest the same few: of a block of 2,700 drive-days some 50
to 100 differ in a model's features. A row's score depends on that row alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)


def unique_rows(matrix: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.intp]] | None:
    """Find the rows of an (n, f) matrix that differ bit by bit: different NaN do, and so do 0 and -0.

    Returns
    -------
    first : (m,) array of int
        A row of each kind.
    kind : (n,) array of int
        ``matrix[first][kind]`` is the matrix.
    None
        Instead of both, when two different rows share a hash: about once in 10**12 blocks.
    """
    words = np.ascontiguousarray(matrix).view(np.uint32)
    hashes = np.zeros(len(words), dtype=np.uint64)
    for column in words.T:
        hashes = (hashes ^ column) * _MULTIPLIER
        hashes ^= hashes >> _SHIFT
    _, first, kind = np.unique(hashes, return_index=True, return_inverse=True)
    if not np.array_equal(words[first[kind]], words):
        return None
    return first, kind
