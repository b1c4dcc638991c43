"""The compiler, as tests/infra have it."""

from tests.infra.conftest import bicep

__all__ = ["bicep"]
