"""Where brackets and commas stand in JSON that comes in pieces, and how deep: texts are left out.

Nothing is decoded here. Of bytes that are no JSON the places mean nothing; whoever decodes what lies between
them finds that out.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

COMMA = ord(",")
_QUOTE = ord('"')
_IS_PLACE = np.zeros(256, dtype=bool)
_IS_PLACE[list(b'"{}[],')] = True
_STEPS = np.zeros(256, dtype=np.int8)
_STEPS[list(b"[{")], _STEPS[list(b"]}")] = 1, -1


class Places(NamedTuple):
    """Brackets and commas outside of texts.

    Attributes
    ----------
    at : (n,) array of int64
        Offsets in the piece, ascending.
    codes : (n,) array of uint8
        The characters.
    steps : (n,) array of int8
        1 where one opens, -1 where one closes, 0 for commas.
    depths : (n,) array of int64
        Brackets that are open after each.
    """

    at: NDArray[np.int64]
    codes: NDArray[np.uint8]
    steps: NDArray[np.int8]
    depths: NDArray[np.int64]


class Structure:
    """Looks at JSON piece by piece; however it is cut, the places are the same.

    Attributes
    ----------
    depth : int
        Brackets that are open; negative where more were closed.
    """

    def __init__(self) -> None:
        self.depth = 0
        self._in_text = False
        self._escapes = False

    def look(self, piece: bytes) -> Places:
        """Return the places of the next piece, which is not empty."""
        codes = np.frombuffer(self._without_escapes(piece), dtype=np.uint8)
        at = np.flatnonzero(_IS_PLACE[codes])
        codes = codes[at]
        quotes = codes == _QUOTE
        # After an odd number of quotes a text is open; a quote is itself no place.
        in_text = (np.cumsum(quotes) + self._in_text) & 1
        if len(in_text):
            self._in_text = bool(in_text[-1])
        outside = ~quotes & (in_text == 0)
        at, codes = at[outside], codes[outside]
        steps = _STEPS[codes]
        depths = np.cumsum(steps, dtype=np.int64) + self.depth
        if len(depths):
            self.depth = int(depths[-1])
        return Places(at, codes, steps, depths)

    def _without_escapes(self, piece: bytes) -> bytes:
        """Return a piece of the same length in which no quote is escaped."""
        if self._escapes:
            piece = b"_" + piece[1:]
            self._escapes = False
        if b"\\" in piece:
            # Backslashes pair up from the left: one that is left over escapes what follows.
            piece = piece.replace(b"\\\\", b"__").replace(b'\\"', b"__")
            self._escapes = piece.endswith(b"\\")
        return piece
