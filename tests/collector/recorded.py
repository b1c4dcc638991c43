"""smartctl's output for tests: the recordings of this folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from collector.drives.smartctl_run import SmartctlOutput

RECORDINGS = Path(__file__).parent / "recordings"


def recording(name: str) -> Path:
    """Return the path of a recording."""
    return RECORDINGS / f"{name}.json"


def output_of(path: Path) -> SmartctlOutput:
    """Return a recording as a run of smartctl gives it."""
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    part = document.get("smartctl", {})
    said = [message["string"] for message in part.get("messages", [])]
    return SmartctlOutput(document, int(part.get("exit_status") or 0), said)
