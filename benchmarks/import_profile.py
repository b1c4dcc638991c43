"""The cost of each package when the app is imported, and why it is there.

    python -m benchmarks.import_profile [--runs 7]

``python -X importtime`` in fresh interpreters. A module counts for the package it is of; one of the standard
library for the package that imported it first. Medians; the shares are steadier than the milliseconds.
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import sys
from collections import Counter

from benchmarks.measuring.processes import ROOT
from benchmarks.measuring.tables import markdown

WHY = {
    "azure.functions": "Microsoft's programming model: the types of triggers and answers",
    "werkzeug": "azure.functions takes headers and forms from it; the largest part that is not used",
    "numpy": "the model's input, decoding, explanations",
    "onnxruntime": "the model",
    "msgspec": "decoding and validating JSON",
    "azurefunctions": "the base of the blob binding, see functions/blueprints/blob_reference.py",
    "functions": "the app's own modules, function_app.py and what they take from the standard library",
    "markupsafe": "werkzeug's",
    "typing_extensions": "azure.functions' and the binding's",
    "orjson": "azure.functions takes it where it is installed; it is not deployed",
}
"""Packages in the table; every other one is shown by its name and must be explained here."""

_LINE = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|( *)(\S+)")


def package_of(module: str) -> str | None:
    """Return the package a module counts for; None for the standard library."""
    top = module.partition(".")[0]
    if module.startswith("azure.functions"):
        return "azure.functions"
    if top == "function_app":
        return "functions"
    return None if top in sys.stdlib_module_names or top in {"azure", "encodings"} else top


def costs(program: str = "import function_app") -> Counter[str]:
    """Return the microseconds of each package in one fresh interpreter, beyond its own start."""
    command = [sys.executable, "-X", "importtime", "-c", program]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    lines = [match.groups() for match in map(_LINE.match, ended.stderr.splitlines()) if match]
    found: Counter[str] = Counter()
    owners: list[tuple[int, str]] = []  # what encloses the line, outermost first
    for microseconds, indent, module in reversed(lines):  # a module is printed after what it imports
        depth = len(indent)
        while owners and owners[-1][0] >= depth:
            owners.pop()
        if not owners and module != "function_app":
            continue
        owner = package_of(module) or owners[-1][1]
        owners.append((depth, owner))
        found[owner] += int(microseconds)
    return found


def main() -> int:
    """Measure and print; return 1 when a package is imported that nobody explains."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.import_profile", description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    runs = [costs() for _ in range(options.runs)]
    middle = {name: statistics.median(run[name] for run in runs) for run in runs for name in run}
    total = sum(middle.values())
    rows = [
        [name, f"{spent / 1000:.0f}", f"{spent / total:.0%}", WHY.get(name, "?")]
        for name, spent in sorted(middle.items(), key=lambda item: -item[1])
    ]
    print(markdown(["", "ms", "share", "why"], [*rows, ["all", f"{total / 1000:.0f}", "", ""]]), end="")
    return int(bool(set(middle) - set(WHY)))


if __name__ == "__main__":
    sys.exit(main())
