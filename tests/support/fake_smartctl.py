"""A smartctl that prints recorded output, for PATH; it runs under the oldest Python too.

`install` writes it beside what it prints: ``scan.json``, ``sda.json``, and with a type ``sda@sat.json``.
Beside a recording ``sda.seconds`` says how long it takes. What has no recording does not exist.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path
from typing import Any

CALLS = "calls.jsonl"


def install(folder: Path, devices: dict[str, Any] | None = None, python: str = sys.executable) -> Path:
    """Write ``smartctl`` into a folder and return its path.

    *devices* are the names and types that a scan finds, such as ``{"/dev/sda": "sat"}``.
    """
    # Imported here: the text of this file is the program's, too, and that finds no tests.
    from tests.support.python_program import write_program

    program = folder / "smartctl"
    write_program(program, Path(__file__).read_text(encoding="utf-8"), python)
    found = [{"name": name, "info_name": name, "type": kind} for name, kind in (devices or {}).items()]
    scan = {
        "json_format_version": [1, 0],
        "smartctl": {"version": [7, 3], "exit_status": 0},
        "devices": found,
    }
    (folder / "scan.json").write_text(json.dumps(scan), encoding="utf-8")
    return program


def record(folder: Path, name: str, recording: Path | dict[str, Any], seconds: float = 0) -> None:
    """Have the program of a folder print a recording for a device, ``sda`` or ``sda@sat``."""
    if isinstance(recording, Path):
        shutil.copy(recording, folder / f"{name}.json")
    else:
        (folder / f"{name}.json").write_text(json.dumps(recording), encoding="utf-8")
    if seconds:
        (folder / f"{name}.seconds").write_text(str(seconds), encoding="utf-8")


def calls(folder: Path) -> list[list[str]]:
    """Return the arguments of each call so far."""
    path = folder / CALLS
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def _main(folder: Path, arguments: list[str]) -> int:
    with (folder / CALLS).open("a", encoding="utf-8") as log:
        log.write(json.dumps(arguments) + "\n")
    name = "scan"
    if not arguments[0].startswith("--scan"):
        kind = arguments[arguments.index("-d") + 1] if "-d" in arguments else ""
        name = arguments[-1].split("/")[-1] + ("@" + kind if kind else "")
    recording = folder / (name + ".json")
    if not recording.exists():
        failed = f"Smartctl open device: {arguments[-1]} failed: No such device"
        said = [{"string": failed, "severity": "error"}]
        print(json.dumps({"smartctl": {"messages": said, "exit_status": 2}}))
        return 2
    waits = folder / (name + ".seconds")
    if waits.exists():
        time.sleep(float(waits.read_text(encoding="utf-8")))
    text = recording.read_text(encoding="utf-8")
    sys.stdout.write(text)
    try:
        return int(json.loads(text).get("smartctl", {}).get("exit_status") or 0)
    except (ValueError, AttributeError):
        return 0


if __name__ == "__main__":
    sys.exit(_main(Path(__file__).resolve().parent, sys.argv[1:]))
