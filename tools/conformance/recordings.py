"""The recorded requests, what Microsoft's host answered, and how an answer is held to it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tools.conformance.asking import Answer

FOLDER = Path(__file__).resolve().parents[2] / "tests" / "devhost" / "recordings"

STAND_INS = frozenset({"(the host writes of itself)", "(the host's own page)", "(long)"})
"""Bodies in whose place a remark is recorded; they are not compared."""


@dataclass(frozen=True)
class Recording:
    """A list of requests with the answers of Microsoft's host."""

    name: str
    requests: Sequence[Mapping[str, Any]]
    answers: Mapping[str, Answer]


def load(name: str) -> Recording:
    """Load a recording: ``probe`` or ``drivecast``."""
    folder = FOLDER / name
    requests = json.loads((folder / "requests.json").read_text("utf-8"))
    answers = json.loads((folder / "answers.json").read_text("utf-8"))
    return Recording(name, requests, {key: Answer.of(value) for key, value in answers.items()})


def differences(found: Answer, expected: Answer) -> Iterator[str]:
    """Say in what an answer differs: error, status, headers, body; nothing where it does not."""
    expected = _with_parsed_body(expected)
    found = _with_parsed_body(found)
    for part in ("error", "status", "headers"):
        one, other = getattr(found, part), getattr(expected, part)
        if one != other:
            yield f"{part} {one!r}, expected {other!r}"
    if expected.body not in STAND_INS and found.body != expected.body:
        yield f"body {found.body[:300]!r}, expected {expected.body[:300]!r}"


def _with_parsed_body(answer: Answer) -> Answer:
    """Sort the members of a JSON body: their order is the worker's, by chance."""
    if not answer.body.startswith("{"):
        return answer
    try:
        return replace(answer, body=json.dumps(json.loads(answer.body), sort_keys=True))
    except ValueError:
        return answer
