from __future__ import annotations

from collections.abc import Callable

import pytest

from functions.errors import ModelError
from functions.scoring.model.manifest import Manifest, Registry
from training.versions.aliases import NoPreviousError, RegistryMovedError, point, promote, rollback


def digest_of(version: str) -> str:
    return f"sha256 of {version}"


class Memory:
    """A registry in memory whose versions can all be served; another may change it before we do."""

    def __init__(self, **aliases: str) -> None:
        self.where = "memory"
        self.kept = Registry(["v1", "v2", "v3"], dict(aliases))
        self.verified: list[str] = []
        self.rival: Callable[[], None] = lambda: None

    def registry(self) -> Registry:
        return self.kept

    def manifest(self, version: str) -> Manifest:
        raise AssertionError("an alias needs no file of a version")

    def file(self, version: str, name: str) -> bytes:
        raise AssertionError("an alias needs no file of a version")

    def verify(self, version: str) -> str:
        self.verified.append(version)
        return digest_of(version)

    def replace_manifest(self, version: str, content: bytes) -> None:
        raise AssertionError("an alias needs no file of a version")

    def change(self, transition: Callable[[Registry], Registry]) -> Registry:
        self.rival()
        self.kept = transition(self.kept)
        return self.kept


def test_pointing_the_champion_keeps_the_one_before() -> None:
    empty = Registry([], {})
    first = point(empty, "v1", "one", "champion")
    assert first == Registry(["v1"], {"champion": "v1"}, {"v1": "one"})
    second = point(first, "v2", "two", "champion")
    both = {"v1": "one", "v2": "two"}
    assert second == Registry(["v1", "v2"], {"champion": "v2", "previous": "v1"}, both)
    assert point(second, "v2", "two", "champion") == second
    third = point(second, "v3", "three", None)
    assert third == Registry(["v1", "v2", "v3"], second.aliases, {**both, "v3": "three"})
    assert empty == Registry([], {})


def test_an_alias_never_hides_a_version() -> None:
    with pytest.raises(ModelError, match="'v1'"):
        point(Registry(["v1", "v2"], {}), "v2", "two", "v1")


def test_a_registered_manifest_is_never_another() -> None:
    with pytest.raises(ModelError, match=r"\bv2\b"):
        point(Registry(["v1", "v2"], {}, {"v2": "two"}), "v2", "another", None)


def test_an_alias_of_an_earlier_release_gets_the_digest_with_the_promotion() -> None:
    location = Memory(champion="v1")
    promote(location, "v2")
    assert location.kept.manifests == {"v2": digest_of("v2")}


def test_promote_by_alias_verifies_the_version_it_stood_for() -> None:
    location = Memory(champion="v1", challenger="v2")
    location.rival = lambda: location.kept.aliases.update(challenger="v3")
    promote(location, "challenger")
    assert location.verified == ["v2"]
    assert location.kept.aliases == {"champion": "v2", "previous": "v1", "challenger": "v3"}


def test_there_and_back() -> None:
    location = Memory(champion="v2", previous="v1")
    assert rollback(location).aliases == {"champion": "v1", "previous": "v2"}
    assert rollback(location).aliases == {"champion": "v2", "previous": "v1"}
    assert location.verified == ["v1", "v2"]


def test_nothing_to_go_back_to() -> None:
    with pytest.raises(NoPreviousError):
        rollback(Memory(champion="v1"))


def test_two_who_roll_back_at_once_roll_back_once() -> None:
    location = Memory(champion="v2", previous="v1")
    location.rival = lambda: location.kept.aliases.update(champion="v1", previous="v2")
    assert rollback(location).aliases == {"champion": "v1", "previous": "v2"}


def test_a_rollback_never_undoes_anothers_promotion() -> None:
    location = Memory(champion="v2", previous="v1")
    location.rival = lambda: location.kept.aliases.update(champion="v3", previous="v2")
    with pytest.raises(RegistryMovedError, match=r"\bv3\b"):
        rollback(location)
    assert location.kept.aliases == {"champion": "v3", "previous": "v2"}
