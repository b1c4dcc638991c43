"""One row through an ONNX graph by buffers that are bound once: no arrays are made or looked at per run."""

from __future__ import annotations

from threading import local
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import onnxruntime as ort
    from numpy.typing import NDArray

ROWS = 2
"""ONNX Runtime adds up the trees of a lone row in another order; as one of two it scores as in a file."""


class _Buffers:
    """Input and output of one thread."""

    __slots__ = ("binding", "found", "given", "session")

    def __init__(self, session: ort.InferenceSession, given: tuple[str, int], found: str) -> None:
        name, width = given
        self.session = session
        self.given = np.zeros((ROWS, width), dtype=np.float32)
        self.found = np.zeros((ROWS, 1), dtype=np.float32)
        self.binding = session.io_binding()
        self.binding.bind_input(name, "cpu", 0, np.float32, self.given.shape, self.given.ctypes.data)
        self.binding.bind_output(found, "cpu", 0, np.float32, self.found.shape, self.found.ctypes.data)


class BoundRow:
    """Runs one row at a time, in any thread.

    Parameters
    ----------
    session : onnxruntime.InferenceSession
    given : (str, int)
        Name and width of the graph's input, float32.
    found : str
        Name of the output that is wanted: one float32 a row.
    """

    def __init__(self, session: ort.InferenceSession, given: tuple[str, int], found: str) -> None:
        self._session = session
        self._names = given, found
        self._of_thread = local()

    def run(self, row: NDArray[np.float32]) -> np.float32:
        """Return the output for a row.

        Parameters
        ----------
        row : (1, width) array of float32
        """
        try:
            buffers: _Buffers = self._of_thread.buffers
        except AttributeError:
            buffers = self._of_thread.buffers = _Buffers(self._session, *self._names)
        buffers.given[:] = row
        buffers.session.run_with_iobinding(buffers.binding)
        result: np.float32 = buffers.found[0, 0]
        return result
