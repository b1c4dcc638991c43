"""A correlation matrix as a table of coloured cells."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

import numpy as np
import numpy.typing as npt

_STRONGEST = 70
"""Per cent of full colour at a correlation of 1: the figure in the cell stays readable."""


def heatmap(names: Sequence[tuple[str, str]], matrix: npt.NDArray[np.float64]) -> str:
    """Return a heatmap.

    Parameters
    ----------
    names : sequence of (str, str), length k
        A short and a long name of each row and column; plain text.
    matrix : (k, k) array of float64
        Correlations, NaN for none.
    """
    heads = "".join(f'<th scope="col" title="{escape(long)}">{escape(short)}</th>' for short, long in names)
    rows = []
    for (short, long), values in zip(names, matrix.tolist(), strict=True):
        cells = "".join(
            _cell(value, f"{long} and {other}") for value, (_, other) in zip(values, names, strict=True)
        )
        rows.append(f'<tr><th scope="row" title="{escape(long)}">{escape(short)}</th>{cells}</tr>')
    body = "\n".join(rows)
    return (
        f'<div class="wide heat"><table><thead><tr><th></th>{heads}</tr></thead><tbody>\n{body}\n'
        "</tbody></table></div>"
    )


def _cell(value: float, what: str) -> str:
    if math.isnan(value):
        return f'<td class="quiet" title="{escape(what)}: no correlation to be had">·</td>'
    kind = "up" if value >= 0 else "down"
    text = f"{value:.2f}".replace("-0.00", "0.00").replace("0.", ".").replace("-", "&minus;")
    much = f"{abs(value) * _STRONGEST:.0f}%"
    return f'<td class="{kind}" style="--much:{much}" title="{escape(what)}: {value:.3f}">{text}</td>'
