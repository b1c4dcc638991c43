"""The paths that Entra ID lets through: those of the stand-in that ops is tried with, docs and the template agree."""

from __future__ import annotations

import re
from pathlib import Path

from tests.ops.answering_app import EXCLUDED

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
TEMPLATE = ROOT / "infra" / "modules" / "authentication.bicep"


def test_the_paths_are_told_each_with_what_it_takes_instead() -> None:
    rows = re.findall(r"^\| `(/[\w/]+)` \| ([^|]+) \| ([^|]+) \|$", TEXT, re.MULTILINE)
    assert {path for path, _, _ in rows} == set(EXCLUDED)


def test_a_forecast_is_never_let_through_without_a_token() -> None:
    block = re.search(r"excludedPaths: \[(.*?)\]", TEMPLATE.read_text(), re.DOTALL)
    assert block
    # az asks /admin/host/status while it deploys.
    assert set(re.findall(r"'(/[^']+)'", block[1])) | {"/admin/host/status"} == set(EXCLUDED)
