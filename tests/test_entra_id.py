"""The stand-in that ops is tried with lets the same paths past Entra ID as the template."""

from __future__ import annotations

import re
from pathlib import Path

from tests.ops.app.answering_app import EXCLUDED

TEMPLATE = Path(__file__).parents[1] / "infra" / "modules" / "authentication.bicep"


def test_no_other_path_does_without_a_token() -> None:
    block = re.search(r"excludedPaths: \[(.*?)\]", TEMPLATE.read_text(), re.DOTALL)
    assert block
    # az asks /admin/host/status while it deploys.
    assert set(re.findall(r"'(/[^']+)'", block[1])) == set(EXCLUDED)
