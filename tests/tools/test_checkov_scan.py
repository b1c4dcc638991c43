"""What a report of checkov comes to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tools.checkov_scan import excuses, findings

ROOT = Path(__file__).parents[2]
FAILED = {"check_id": "CKV_AZURE_3", "check_name": "HTTPS only", "resource": "account"}


def report(passed: int, *failed: dict[str, str]) -> str:
    document: dict[str, Any] = {"summary": {"passed": passed}, "results": {"failed_checks": failed}}
    return json.dumps(document)


def test_what_fails_is_a_finding_unless_it_is_excused() -> None:
    assert findings(report(3), "", {}) == []
    assert findings(report(3, FAILED, FAILED), "", {}) == ["CKV_AZURE_3 HTTPS only: account"]
    assert findings(report(3, FAILED), "", {"CKV_AZURE_3": "why not"}) == []


def test_an_excuse_that_nothing_needs_is_a_finding() -> None:
    assert findings(report(3), "", {"CKV_AZURE_3": "why not"}) == [
        "CKV_AZURE_3 is excused, and nothing fails it: take it out"
    ]


@pytest.mark.parametrize("written", ["", json.dumps({"passed": 0, "failed": 0}), report(0)])
def test_a_scan_without_checks_is_a_finding(written: str) -> None:
    assert "no check" in findings(written, "could not be fetched", {})[0]


def test_every_excuse_has_a_reason() -> None:
    file = ROOT / "infra" / "checkov.yaml"
    assert len(excuses(file)) == file.read_text().count("  - CKV")
