from __future__ import annotations

from typing import Any

from tests.training.metrics.test_window_scores import scores
from tests.training.small_evaluation_json import evaluation
from training.metrics.window_scores import part_figures
from training.reporting.page.scope_tables import scopes_section, windows_section
from training.reporting.scope_tables import scope_sections, window_sections

ABOVE = {"expected": 20.0, "observed": 25, "ratio": 1.25, "ratio_95": [0.9, 1.6]}
BANDS = [
    {"low": 0.0, "high": 0.01, "rows": 1000, "expected": 2.0, "observed": 1, "ratio_95": [0.1, 0.9]},
    {"low": 0.01, "high": 1.0, "rows": 40, "expected": 20.0, "observed": 25, "ratio_95": [0.9, 1.6]},
]
LEVEL = {
    "threshold": 0.5,
    "precision": 0.25,
    "precision_95": [0.2, 0.3],
    "recall": 0.125,
    "recall_95": None,
    "standing_per_10000": 7.25,
    "new_per_10000": 3.5,
}


def with_scopes() -> dict[str, Any]:
    quality = {
        "protocol": "odd <models>",
        "drives": 200,
        "failing": 10,
        "prevalence": 0.05,
        "levels": {"high": LEVEL},
        "bands": BANDS,
        "above": ABOVE,
    }
    found = scores()
    assert found.previous is not None
    sides = [found.previous, found.own]
    windows = {
        "previous": "v1",
        "windows": [{"scope": "trained", "previous_scored": "as it is served"}],
        "parts": [
            {
                "kind": kind,
                "name": name,
                **part_figures(found, rows, sides, resamples=20),
            }
            for kind, name, rows in found.parts()
        ],
        "calibration": {"trained": {"own": {"bands": BANDS, "above": ABOVE}}},
    }
    return evaluation("v2", 3.0) | {"quality": {"trained": quality}, "windows": windows}


def test_the_card_shows_levels_bands_and_prevalence_of_each_scope() -> None:
    made = "\n".join(scope_sections(with_scopes()))
    assert "| high | 0.5 | 0.250 | 0.200 to 0.300 | 0.125 |  | 7.2 | 3.5 |" in made
    assert "| 0.01 | 1 | 40 | 20.0 | 25 | 1.25 | 0.90 to 1.60 |" in made
    assert "10 of 200" in made
    assert "5.00" in made
    assert scope_sections(evaluation("v1", 1.0)) == []


def test_the_card_shows_windows_and_families_beside_the_earlier_version() -> None:
    made = "\n".join(window_sections(with_scopes()))
    assert "| Seagate DM | 45 | 30 |" in made
    assert "P 1.00 R 1.00 (30)" in made
    assert "| AP, v1 (95 %) | AP, v2 (95 %) |" in made
    assert window_sections(evaluation("v1", 1.0)) == []


def test_the_page_has_the_same_tables() -> None:
    content = with_scopes()
    assert scopes_section(content).count("<table") == 2
    assert "odd &lt;models&gt;" in scopes_section(content)
    assert windows_section(content).count("<table") == 3
    assert scopes_section(evaluation("v1", 1.0)) == windows_section(evaluation("v1", 1.0)) == ""
