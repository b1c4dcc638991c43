"""A client of the Drivecast API, with the standard library alone. Exit code 2: a drive is at risk.

python examples/client.py http://localhost:7071/api drives.json
smartctl -a -j /dev/sda | python examples/client.py http://localhost:7071/api -
"""

import json
import os
import sys
import time
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib import error, request


class RefusedForecastError(Exception):
    """A refusal by the API: `document` is its problem details (RFC 9457)."""

    def __init__(self, status: int, body: bytes) -> None:
        told = json.loads(body) if body[:1] == b"{" else {}
        self.document: dict[str, Any] = {"code": f"http_{status}", "detail": "no reason given"} | told
        super().__init__(f"{self.document['code']}: {self.document['detail']}")


def post(base: str, path: str, document: Any, kind: str = "application/json", attempts: int = 4) -> Any:
    """Send a document, return the answer; while the app is busy or starts (429, 503), wait and try again."""
    headers = {"content-type": kind, "x-functions-key": os.environ.get("DRIVECAST_KEY", "")}
    asked = request.Request(f"{base}/{path}", json.dumps(document).encode(), headers)
    try:
        with request.urlopen(asked, timeout=30) as answer:
            return json.load(answer)
    except error.HTTPError as refused:
        if refused.code not in {429, 503} or attempts <= 1:
            raise RefusedForecastError(refused.code, refused.read()) from None
        wait = refused.headers.get("Retry-After", "")
    time.sleep(min(int(wait), 60) if wait.isdigit() else 1)
    return post(base, path, document, kind, attempts - 1)


def main(base: str, source: str) -> int:
    """Forecast one drive (smartctl's output) or many (a list of telemetry rows)."""
    document = json.loads(sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes())
    if isinstance(document, dict):
        results = [{"forecast": post(base, "predict", document, "application/vnd.smartmontools+json")}]
    else:
        results = post(base, "predict/batch", {"drives": document})["results"]
    for problem in (result["problem"] for result in results if "problem" in result):
        print(f"not answered: {problem['detail']}", file=sys.stderr)
    for one in (forecasts := [result["forecast"] for result in results if "forecast" in result]):
        chance = "no forecast" if one["probability"] is None else f"{one['probability']:.1%}"
        told = [one["basis"], one["advice"], *(reason["sentence"] for reason in one["reasons"])]
        print(f"{one['serial_number']}: {one['risk']}, {chance}.", *told, sep="\n  ")
    return 2 if any(one["risk"] in {"high", "critical"} for one in forecasts) else 0


if __name__ == "__main__":
    if len(sys.argv) != len(main.__annotations__):
        sys.exit("usage: python examples/client.py http://HOST/api FILE (- for standard input)")
    try:
        sys.exit(main(*sys.argv[1:]))
    except RefusedForecastError as problem:
        sys.exit(f"refused: {problem}")
    except (OSError, ValueError, LookupError, TypeError, HTTPException) as problem:
        sys.exit(f"failed with {sys.argv[1]} and {sys.argv[2]}: {' '.join(str(problem).split())}")
