"""A client of the Drivecast API with the standard library alone: forecast drives, print the worrying ones.

python examples/client.py http://localhost:7071/api drives.json
smartctl -a -j /dev/sda | python examples/client.py http://localhost:7071/api -
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

SMARTCTL = "application/vnd.smartmontools+json"


class RefusedError(Exception):
    """What the API says is wrong: `document` is its problem details (RFC 9457)."""

    def __init__(self, document: dict[str, Any]) -> None:
        super().__init__(f"{document['code']}: {document['detail']}")
        self.document = document


def post(base: str, path: str, document: Any, kind: str = "application/json") -> Any:
    """Send a document and return the answer; raise `RefusedError` when it is refused."""
    headers = {"content-type": kind, "x-functions-key": os.environ.get("DRIVECAST_KEY", "")}
    request = urllib.request.Request(f"{base}/{path}", json.dumps(document).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise RefusedError(json.load(error)) from None


def main(base: str, source: str) -> int:
    """Forecast one drive (smartctl's output) or many (a list of telemetry rows); 1 if any is at risk."""
    document = json.loads(sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8"))
    if isinstance(document, dict):
        results = [{"forecast": post(base, "predict", document, SMARTCTL)}]
    else:
        results = post(base, "predict/batch", {"drives": document})["results"]
    worrying = 0
    for result in results:
        if "problem" in result:
            print(f"not answered: {result['problem']['detail']}")
            continue
        found = result["forecast"]
        print(f"{found['serial_number']}: {found['risk']}, {found['probability']:.1%}. {found['advice']}")
        for reason in found["reasons"]:
            print(f"  {reason['sentence']}")
        worrying += found["risk"] in {"high", "critical"}
    return int(worrying > 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
