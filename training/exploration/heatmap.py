"""A correlation matrix as a table of coloured cells."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from functions.html.markup import Markup, element, join

_STRONGEST = 70
"""Per cent of full colour at a correlation of 1: the figure in the cell stays readable."""


def heatmap(names: Sequence[tuple[str, str]], matrix: npt.NDArray[np.float64]) -> Markup:
    """Return a heatmap.

    Parameters
    ----------
    names : sequence of (str, str), length k
        A short and a long name of each row and column; plain text.
    matrix : (k, k) array of float64
        Correlations, NaN for none.
    """
    heads = (element("th", short, scope="col", title=long) for short, long in names)
    rows = []
    for (short, long), values in zip(names, matrix.tolist(), strict=True):
        cells = (_cell(value, f"{long} and {other}") for value, (_, other) in zip(values, names, strict=True))
        rows.append(element("tr", element("th", short, scope="row", title=long), *cells))
    head = element("thead", element("tr", element("th"), *heads))
    return element("div", element("table", head, element("tbody", join(rows, "\n"))), class_="scroll heat")


def _cell(value: float, pair: str) -> Markup:
    if math.isnan(value):
        return element("td", "·", class_="soft", title=f"{pair}: no correlation to be had")
    shown = f"{value:.2f}".replace("-0.00", "0.00").replace("0.", ".").replace("-", "\N{MINUS SIGN}")
    return element(
        "td",
        shown,
        class_="up" if value >= 0 else "down",
        style=f"--much:{abs(value) * _STRONGEST:.0f}%",
        title=f"{pair}: {value:.3f}",
    )
