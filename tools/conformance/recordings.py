"""The recorded requests, what Microsoft's host answered, and how answers are held to it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
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
    whole_bodies: bool
    """Whether bodies are compared, or only that there is none: Drivecast's own words change with it."""

    def differences(
        self, found: Mapping[str, Answer], expected: Mapping[str, Answer] | None = None
    ) -> dict[str, list[str]]:
        """Say of each request answered otherwise in what: error, status, headers, body.

        Parameters
        ----------
        found : mapping of request's name to Answer
            What is judged; requests that are not in it are passed over.
        expected : mapping of request's name to Answer, optional
            What it is held to; the recorded answers by default.
        """
        differences = {}
        for name, answer in found.items():
            recorded = self.answers[name].body
            compared = recorded not in STAND_INS and (self.whole_bodies or not recorded)
            lines = _differences(answer, (expected or self.answers)[name], body=compared)
            if lines:
                differences[name] = lines
        return differences


def load(name: str) -> Recording:
    """Load a recording: ``probe`` or ``drivecast``."""
    folder = FOLDER / name
    requests = json.loads((folder / "requests.json").read_text("utf-8"))
    answers = json.loads((folder / "answers.json").read_text("utf-8"))
    read = {key: Answer.of(value) for key, value in answers.items()}
    return Recording(name, requests, read, whole_bodies=name == "probe")


def _differences(found: Answer, expected: Answer, *, body: bool) -> list[str]:
    lines = []
    for part in ("error", "status", "headers"):
        one, other = getattr(found, part), getattr(expected, part)
        if one != other:
            lines.append(f"{part} {one!r}, expected {other!r}")
    one, other = _with_parsed_body(found).body, _with_parsed_body(expected).body
    if body and one != other:
        lines.append(f"body {one[:300]!r}, expected {other[:300]!r}")
    return lines


def _with_parsed_body(answer: Answer) -> Answer:
    """Sort the members of a JSON body: their order is the worker's, by chance."""
    if not answer.body.startswith("{"):
        return answer
    try:
        return replace(answer, body=json.dumps(json.loads(answer.body), sort_keys=True))
    except ValueError:
        return answer
