"""What an output's metadata says, and reading it back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.storage.provenance import NAME_LIMIT, Provenance

MOMENT = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


def provenance(
    source: str = "telemetry/day.csv", etag: str = '"0x1"', model_version: str = "v2"
) -> Provenance:
    return Provenance(source, etag, MOMENT, model_version, MOMENT + timedelta(microseconds=17))


@given(names, names)
def test_any_name_survives_as_ascii(name: str, model_version: str) -> None:
    made = provenance(f"telemetry/{name}", model_version=model_version)
    metadata = made.metadata()
    assert all(value.isascii() and value.isprintable() for value in metadata.values())
    assert Provenance.read(metadata) == made
    assert Provenance.read({key.upper(): value for key, value in metadata.items()}) == made


def test_longest_name_fits_the_service_limit() -> None:
    long, other = (provenance("telemetry/" + letter * 1024) for letter in "日月")
    assert len(long.metadata()["source_name"]) <= NAME_LIMIT
    read = Provenance.read(long.metadata())
    assert read is not None
    assert read.same_work(long)
    assert not read.same_source(other)


@pytest.mark.parametrize(
    "metadata",
    [None, {}, {"source_name": "x"}, {**provenance().metadata(), "run_started": "yesterday"}],
)
def test_no_stamp(metadata: dict[str, str] | None) -> None:
    assert Provenance.read(metadata) is None


def test_same_work() -> None:
    assert provenance().same_work(provenance().failed())
    assert not provenance().same_work(provenance(etag='"0x2"'))
    assert not provenance().same_work(provenance(model_version="v1"))
    assert not provenance().same_work(provenance("telemetry/other.csv"))


def test_how_many_dates_the_source_has_is_said_where_it_is_known() -> None:
    assert "source_dates" not in provenance().metadata()
    of_two = provenance().of_dates(2)
    assert of_two.metadata()["source_dates"] == "2"
    read = Provenance.read(of_two.metadata())
    assert read == of_two
    assert read.same_work(provenance())
    assert Provenance.read({**provenance().metadata(), "source_dates": "some"}) is None


def test_other_time_zones_are_read_as_utc() -> None:
    here = MOMENT.astimezone(timezone(timedelta(hours=2)))
    read = Provenance.read({**provenance().metadata(), "run_started": here.isoformat()})
    assert read is not None
    assert read.started == MOMENT
    assert read.started.tzinfo is UTC
