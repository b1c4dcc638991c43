"""An alias's version, and changing it: one set of rules wherever a registry is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from functions.errors import ModelError
from functions.scoring.model.manifest import CHAMPION, Manifest, Registry

if TYPE_CHECKING:
    from collections.abc import Callable

PREVIOUS = "previous"
"""Alias of the version that was champion before."""


class NoPreviousError(ModelError):
    """There is no champion to go back to."""


class RegistryMovedError(ModelError):
    """Somebody else changed the registry at the same time."""


class RegistryPlace(Protocol):
    """Where a registry and its versions are kept: a folder, or a container of a storage account."""

    where: str
    """For messages."""

    def registry(self) -> Registry:
        """Read the registry; raise `ModelError` when there is none."""

    def manifest(self, version: str) -> Manifest:
        """Read a version's manifest."""

    def file(self, version: str, name: str) -> bytes:
        """Read one of a version's files."""

    def verify(self, version: str) -> str:
        """Load a version as serving would, or raise `ModelError`; return its manifest's sha256."""

    def replace_manifest(self, version: str, content: bytes) -> None:
        """Put another manifest in the place of one whose digest the registry does not have."""

    def change(self, transition: Callable[[Registry], Registry]) -> Registry:
        """Replace the registry by what becomes of it, in one atomic step; return that."""


def point(registry: Registry, version: str, digest: str, alias: str | None) -> Registry:
    """Return a registry that has the version with its manifest's sha256, and the alias pointing to it.

    The version the champion's alias pointed to before stays reachable as ``previous``.

    Raises
    ------
    functions.errors.ModelError
        The alias is the name of a version, which it would hide; or another manifest was registered under the
        version's name.
    """
    if registry.manifests.get(version, digest) != digest:
        msg = (
            f"The manifest of {version} is not the one that was registered, and a version never changes. "
            "Restore the version, or register the model under a new name."
        )
        raise ModelError(msg)
    if alias in registry.versions:
        msg = f"{alias!r} is a version, so it cannot be an alias; aliases are champion, challenger, ..."
        raise ModelError(msg)
    versions = [*registry.versions, *([] if version in registry.versions else [version])]
    aliases = dict(registry.aliases)
    if alias is not None and aliases.get(alias) != version:
        if alias == CHAMPION and CHAMPION in aliases:
            aliases[PREVIOUS] = aliases[CHAMPION]
        aliases[alias] = version
    return Registry(versions, aliases, {**registry.manifests, version: digest})


def promote(location: RegistryPlace, name: str, alias: str = CHAMPION) -> Registry:
    """Point an alias to a version that is registered, once it has been loaded as serving would.

    Parameters
    ----------
    name : str
        A version or another alias.

    Raises
    ------
    functions.errors.ModelError
        There is no such version, or it cannot be served.
    """
    version = location.registry().resolve(name)
    digest = location.verify(version)
    return location.change(lambda found: point(found, version, digest, alias))


def rollback(location: RegistryPlace) -> Registry:
    """Make the previous champion the champion again, and the other way round.

    Raises
    ------
    NoPreviousError
        No version was champion before.
    RegistryMovedError
        The champion was changed meanwhile: rolling back twice would undo the first.
    functions.errors.ModelError
        The previous champion cannot be served.
    """
    seen = location.registry().aliases
    if PREVIOUS not in seen:
        msg = f"No version in {location.where} was champion before; `promote VERSION` names one."
        raise NoPreviousError(msg)
    version = seen[PREVIOUS]
    digest = location.verify(version)
    after = point(Registry([version], dict(seen)), version, digest, CHAMPION).aliases

    def back(found: Registry) -> Registry:
        # An earlier attempt of ours may have been written although its answer was lost.
        if [found.aliases.get(name) for name in (CHAMPION, PREVIOUS)] == [after[CHAMPION], after[PREVIOUS]]:
            return found
        if found.aliases.get(CHAMPION) != seen.get(CHAMPION) or found.aliases.get(PREVIOUS) != version:
            msg = (
                f"The champion in {location.where} was changed meanwhile, to "
                f"{found.aliases.get(CHAMPION, 'none')}; look with `list`, then decide again."
            )
            raise RegistryMovedError(msg)
        return point(found, version, digest, CHAMPION)

    return location.change(back)
