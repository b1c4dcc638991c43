"""Scopes: by name, by what is reported, for many rows and for one."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.scoring.model.manifest import Manifest, read_manifest
from functions.scoring.model.one_row import scope_of_row
from functions.scoring.model.scope import (
    SCOPES,
    SIMILAR,
    TRAINED,
    UNKNOWN_SCOPE,
    ScopeRule,
    trained_name,
)
from functions.scoring.model.scorer import Scorer
from tests.support.other_manifests import with_manifest
from tests.support.running_app import PROJECT

MANIFEST = read_manifest(PROJECT / "models" / "v3")
ATTRIBUTES = (5, 187, 188, 197)
NAN = math.nan


@pytest.mark.parametrize(
    "name",
    [
        "ST4000DM000",
        " st4000dm000 ",
        "ST4000DM000-1F2168",
        "ATA ST4000DM000-1F21",
        "ATA     ST4000DM000-1F21",
        "SEAGATE ST4000DM000",
        "Seagate, ST4000DM000",
        'ST4000DM000 "refurbished"',
    ],
)
def test_names_of_a_drive_that_was_trained_on(name: str) -> None:
    assert trained_name(name, ["ST4000DM000"]) == "ST4000DM000"


@pytest.mark.parametrize("name", ["ST4000DM0001", "ST4000DM", "XST4000DM000", "ST4000DM004-2CV104", "ATA"])
def test_names_of_other_drives(name: str) -> None:
    assert trained_name(name, ["ST4000DM000"]) is None


def test_a_vendor_in_the_name_of_a_model_that_was_trained_on() -> None:
    for name in ("WDC WD30EFRX-68EUZN0", "WD30EFRX", "ATA WDC WD30EFRX-68E"):
        assert trained_name(name, ["ST4000DM000", "WDC WD30EFRX"]) == "WDC WD30EFRX"


def rule(manifest: Manifest = MANIFEST, attributes: tuple[int, ...] = ATTRIBUTES) -> ScopeRule:
    return ScopeRule(manifest, attributes)


@pytest.mark.parametrize(
    ("model", "rotation_rate", "scope"),
    [
        ("ST4000DM000", None, "trained"),
        ("ST4000DM000", 5900, "trained"),
        ("ST4000DM000", 0, "unknown"),
        ("HGST HMS5C4040ALE640", None, "similar"),
        ("a drive of nobody", None, "similar"),
        ("a drive of nobody", 0, "unknown"),
        ("CT500MX500SSD1", None, "unknown"),
        ("CT500MX500SSD1", 0, "unknown"),
        ("CT500MX500SSD1", 7200, "similar"),
    ],
)
def test_the_rotation_rate_says_more_than_the_name(model: str, rotation_rate: int | None, scope: str) -> None:
    assert SCOPES[rule().of_model(model, rotation_rate)] == scope


@pytest.mark.parametrize(
    ("by_name", "now", "scope"),
    [
        # Sectors that wait, or that a scan found: every drive with platters reports some of them.
        (TRAINED, [NAN, NAN, NAN, 0.0], TRAINED),
        (TRAINED, [3.0, 1.0, 2.0, NAN], UNKNOWN_SCOPE),
        (SIMILAR, [NAN, NAN, NAN, 0.0], SIMILAR),
        (SIMILAR, [3.0, 1.0, 2.0, NAN], UNKNOWN_SCOPE),
        (UNKNOWN_SCOPE, [0.0, 0.0, 0.0, 0.0], UNKNOWN_SCOPE),
    ],
)
def test_what_a_drive_has_to_report(by_name: int, now: list[float], scope: int) -> None:
    found = rule().of_rows(np.array([by_name], dtype=np.int8), np.array([now]))
    assert found.tolist() == [scope] == [scope_of_row(rule(), by_name, now)]


def test_a_stand_in_counts_as_what_it_stands_in_for(scorer: Scorer) -> None:
    scopes = with_manifest(scorer, evidence=[197], stand_ins={197: 198}).scopes
    now = [NAN] * 6
    assert scope_of_row(scopes, SIMILAR, now) == scope_of_row(scopes, TRAINED, now) == UNKNOWN_SCOPE
    now[scorer.attributes.index(198)] = 0.0
    assert scope_of_row(scopes, SIMILAR, now) == SIMILAR
    assert scope_of_row(scopes, TRAINED, now) == TRAINED


def test_a_model_that_reads_no_failing_sectors_goes_by_its_evidence() -> None:
    other = rule(attributes=(5, 187, 188))
    assert other.columns == [0, 1, 2]


VALUES = st.lists(st.sampled_from([NAN, 0.0, 7.0]), min_size=4, max_size=4)


@given(st.lists(st.tuples(st.integers(0, 2), VALUES), max_size=20))
def test_a_row_by_itself_has_the_scope_it_has_among_many(rows: list[tuple[int, list[float]]]) -> None:
    by_name = np.array([code for code, _ in rows], dtype=np.int8)
    now = np.array([values for _, values in rows]).reshape(len(rows), 4)
    assert rule().of_rows(by_name, now).tolist() == [scope_of_row(rule(), *row) for row in rows]


@given(st.lists(st.sampled_from(["ST4000DM000", "CT500MX500SSD1", "WDC WD30EFRX"]), max_size=9))
def test_names_of_a_column(models: list[str]) -> None:
    column = pa.array(models, type=pa.string()).dictionary_encode()
    assert rule().of_models(column).tolist() == [rule().of_model(model) for model in models]
