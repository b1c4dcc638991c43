"""Facts about drives, by model name."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

Kind = Literal["rotating", "solid_state", "unlisted"]


class DriveFacts(NamedTuple):
    """Facts about one drive model."""

    kind: Kind


@lru_cache(maxsize=1024)
def drive_facts(model: str) -> DriveFacts:
    """Return the facts about a drive model, in whatever way it is spelled."""
    if re.search(r"SSD|MTFD|WDS\d|DELLBOSS", model.upper()):
        return DriveFacts("solid_state")
    return DriveFacts("rotating" if re.search(r"ST\d|WD\d|HMS|TOSHIBA", model.upper()) else "unlisted")
