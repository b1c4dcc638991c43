"""The model's card, from manifests as they are and as they should not be."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from functions.html.numbers import DASH
from functions.pages.model_card import card
from functions.scoring.model.manifest import Manifest, read_manifest, read_registry
from tests.conftest import RunApp
from tests.functions.pages.browsing import HOSTILE
from tests.functions.scoring.report.page.reading import Page
from tests.support.model_container import ModelContainer
from tests.support.other_manifests import CALIBRATED, QUALITY
from tests.support.running_app import PROJECT

MODELS = PROJECT / "models"
VOID = {"meta", "base", "link"}


def versions() -> list[str]:
    return read_registry(MODELS).versions


def with_metrics(manifest: Manifest, **changes: Any) -> Manifest:
    return msgspec.structs.replace(manifest, **changes)


class Nesting(HTMLParser):
    """Checks that every element is closed where it was opened, and collects the text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(page: str) -> Nesting:
    found = Nesting()
    found.feed(page)
    found.close()
    assert found.open == []
    return found


@pytest.mark.parametrize("version", versions())
def test_the_versions_there_are(version: str) -> None:
    manifest = read_manifest(MODELS / version)
    page = card(manifest, ["champion"])
    output = read(page).text
    assert f"Model {version} · champion" in output
    assert manifest.metrics["protocol"] in output
    assert f"{manifest.metrics['average_precision']:.3f}" in output
    assert all(feature.name in output for feature in manifest.features)
    for level in ("medium", "high", "critical"):
        assert f"{getattr(manifest.thresholds, level):.4f}" in output
    assert all(digest in output for digest in manifest.files.values())
    assert manifest.lineage["digest"] in output
    assert f"{manifest.lineage['rows']:,}" in output
    assert card(manifest, ["champion"]) == page


def test_figures_come_with_their_protocol_and_prevalence() -> None:
    output = read(card(read_manifest(MODELS / versions()[-1]), [])).text
    assert output.index("natural prevalence") < output.index("average precision per drive")
    assert "prevalence per drive" in output


def test_a_manifest_with_little_in_it(small_models: Path) -> None:
    manifest = read_manifest(small_models / "v2")
    output = read(card(manifest, [])).text
    assert "0.500" in output
    assert "nan" not in output.lower()
    assert "None" not in output
    read(card(with_metrics(manifest, metrics={}, lineage={}, libraries={}, files={}), []))


def test_how_well_it_knows_drives_and_how_good_it_proved_to_be() -> None:
    similar = msgspec.structs.replace(QUALITY, drives=7_777, protocol="Of other drive models.")
    manifest = msgspec.structs.replace(
        read_manifest(MODELS / "v3"),
        title="v9: a blend",
        stand_ins={197: 198},
        quality=QUALITY,
        similar=msgspec.structs.replace(CALIBRATED, quality=similar),
    )
    source = card(manifest, [])
    output = read(source).text
    tables = Page(source).tables
    assert "v9: a blend" in output
    assert "SMART 197, SMART 198 stands in" in output
    assert "ECE" not in output  # its place is taken by the bands
    (known,) = (rows for rows in tables.values() if rows[0][0] == "scope")
    assert {row[0]: row[1:4] for row in known[1:]} == {
        "trained": [f"{getattr(manifest.thresholds, level):.4f}" for level in ("critical", "high", "medium")],
        "similar": ["0.3000", "0.1000", "0.0300"],
        "unknown": [DASH] * 3,
    }
    for found, drives in ((QUALITY, "30,000"), (similar, "7,777")):
        assert found.protocol in output
        assert drives in output
    for scope in ("trained", "similar"):
        assert tables[f"levels-{scope}"][1:] == [
            ["critical", "0.5000", DASH, DASH, "0.0\u202f%", "0.0\u202f% to 10.0\u202f%", "0.0", "0.0"],
            [
                "medium", "0.0100", "20.0\u202f%", "15.0\u202f% to 25.0\u202f%",
                "60.0\u202f%", "50.0\u202f% to 70.0\u202f%", "212.0", "27.0",
            ],
        ]  # fmt: skip
        assert tables[f"bands-{scope}"][1:] == [
            ["0\u202f% to 1\u202f%", "900,000", "60.0", "66", "1.10", "0.90 to 1.30"],
            ["1\u202f% to 10\u202f%", "0", "0.0", "0", DASH, DASH],
        ]


@pytest.mark.parametrize("version", ["v1", "v2", "v3"])
def test_a_version_that_records_no_quality_has_no_tables_of_it(version: str) -> None:
    tables = Page(card(read_manifest(MODELS / version), [])).tables
    assert not [anchor for anchor in tables if anchor.startswith(("levels-", "bands-"))]


@pytest.mark.parametrize(
    "metrics",
    [
        {"average_precision": "high", "average_precision_95": [1], "recall_at_fpr": [1], "decisions": 3},
        {"average_precision": float("nan"), "recall_at_fpr": {"x": 0.5}, "row_level": None, "protocol": 7},
        {"decisions": {"high": None, "critical": {"alerts": True}}},
    ],
)
def test_metrics_of_another_shape(small_models: Path, metrics: dict[str, Any]) -> None:
    output = read(card(with_metrics(read_manifest(small_models / "v2"), metrics=metrics), [])).text
    assert "nan" not in output.lower()


def test_hostile_text_is_text(small_models: Path) -> None:
    manifest = read_manifest(small_models / "v2")
    feature = msgspec.structs.replace(manifest.features[0], name=HOSTILE, meaning=HOSTILE, unit=HOSTILE)
    page = card(
        with_metrics(
            manifest,
            version=HOSTILE,
            algorithm=HOSTILE,
            features=[feature],
            metrics={"protocol": HOSTILE},
            lineage={HOSTILE: HOSTILE, "sources": [{"name": HOSTILE, "sha256": HOSTILE}]},
            libraries={HOSTILE: HOSTILE},
            files={HOSTILE: HOSTILE},
        ),
        [HOSTILE],
    )
    assert "img" not in read(page).tags
    assert len(re.findall(re.escape(html.escape(HOSTILE)), page)) >= 12


def test_a_model_from_the_container(
    run_app: RunApp, model_container: ModelContainer, small_models: Path, tmp_path: Path
) -> None:
    model_container.upload(small_models, "v1", "v2")
    model_container.registry(["v1", "v2"], champion="v1", tested="v1")
    settings = {
        "MODELS_SOURCE": "container",
        "MODELS_FOLDER": str(tmp_path),
        "AzureFunctionsWebHost__hostid": "model-card-tests",
    }
    with run_app(PROJECT, settings=settings) as running:
        answer = httpx.get(f"{running.base_url}/api/model/card", timeout=30)
    assert answer.status_code == 200
    assert "Model v1 · champion, tested" in read(answer.text).text


def test_no_model(run_app: RunApp, tmp_path: Path) -> None:
    settings = {"MODELS_FOLDER": str(tmp_path), "AzureFunctionsWebHost__hostid": "no-model-card-tests"}
    with run_app(PROJECT, settings=settings) as running:
        card_ = httpx.get(f"{running.base_url}/api/model/card", timeout=30)
        page = httpx.get(f"{running.base_url}/api/", timeout=30)
    assert (card_.status_code, card_.json()["code"]) == (503, "model_unusable")
    assert page.status_code == 200
