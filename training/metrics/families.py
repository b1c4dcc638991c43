"""Families of drive models: the product line that a vendor's model name spells out.

Seagate's models are ST, the capacity, and letters for the line (ST3000DM001: DM); those of Hitachi and HGST
begin with five letters and digits for line and speed (HDS722020ALA330: HDS72); those of Western Digital have
four letters after the capacity (WD30EFRX: EFRX). Any other model is a family of its own.
"""

from __future__ import annotations

import re

_LINES = (
    ("Seagate", re.compile(r"(?:SEAGATE )?ST\d+([A-Z]{2})")),
    ("HGST", re.compile(r"(?:HITACHI |HGST )?(H[A-Z]{2}\d[\dA-Z])")),
    ("WDC", re.compile(r"(?:WDC |WD )?WD\d+([A-Z]{4})")),
)


def family_of(model: str) -> str:
    """Return the family of a drive model, such as "Seagate DM" or "HGST HDS72"."""
    name = model.strip().upper()
    for vendor, line in _LINES:
        if found := line.match(name):
            return f"{vendor} {found[1]}"
    return model.strip()
