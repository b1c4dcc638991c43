"""Receipts: who may deliver a blob version."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from devhost.blobs import receipts as blob_receipts
from devhost.blobs.receipts import BlobVersion, Claim, Receipts, host_id
from devhost.runtime import Function
from tests.support.running_app import RunningAzurite

SCORE = Function("score", "id", (), is_async=False, deferred=frozenset())


@pytest.fixture
def receipts(azurite: RunningAzurite, request: pytest.FixtureRequest) -> Iterator[Receipts]:
    container = azurite.blobs.create_container(f"receipts-{abs(hash(request.node.name))}")
    yield Receipts(container, "host")
    container.delete_container()


def test_one_claim_wins_and_completing_it_ends_the_matter(receipts: Receipts) -> None:
    version = BlobVersion("telemetry", "a/b.csv", "0x1")
    claim = receipts.claim(SCORE, version)
    assert isinstance(claim, Claim)
    assert receipts.claim(SCORE, version) is False
    receipts.complete(claim)
    assert receipts.claim(SCORE, version) is True
    assert receipts.delivered(SCORE) == {claim.path}


def test_another_version_or_function_is_another_matter(receipts: Receipts) -> None:
    assert isinstance(receipts.claim(SCORE, BlobVersion("telemetry", "a", "0x1")), Claim)
    assert isinstance(receipts.claim(SCORE, BlobVersion("telemetry", "a", "0x2")), Claim)
    other = Function("other", "id", (), is_async=False, deferred=frozenset())
    assert isinstance(receipts.claim(other, BlobVersion("telemetry", "a", "0x1")), Claim)


def test_an_abandoned_claim_is_taken_over_by_one(receipts: Receipts, monkeypatch: pytest.MonkeyPatch) -> None:
    version = BlobVersion("telemetry", "a", "0x1")
    dead = receipts.claim(SCORE, version)
    monkeypatch.setattr(blob_receipts, "CLAIM_SECONDS", 0.0)
    heir = receipts.claim(SCORE, version)
    assert isinstance(heir, Claim)
    assert isinstance(dead, Claim)
    receipts.complete(dead)  # came back late: the heir's claim stands
    assert receipts.delivered(SCORE) == set()
    receipts.complete(heir)
    assert receipts.delivered(SCORE) == {heir.path}


def test_long_names_fit(receipts: Receipts) -> None:
    assert isinstance(receipts.claim(SCORE, BlobVersion("telemetry", "x" * 1024, "0x1")), Claim)


def test_the_host_id_is_stable_and_may_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert host_id(Path("/a/My App")) == host_id(Path("/a/My App"))
    assert host_id(Path("/a/My App")).startswith("my-app-")
    assert host_id(Path("/b/My App")) != host_id(Path("/a/My App"))
    monkeypatch.setenv("AzureFunctionsWebHost__hostid", "Mine")
    assert host_id(Path("/a")) == "mine"
