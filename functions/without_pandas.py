"""Keeps pyarrow from importing pandas.

The app is deployed without pandas. Where it is installed, as it is for training, pyarrow imports it at the
first scalar or array, whether or not anybody uses it: 0.3 s and 45 MB.
"""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType


class _WithoutPandas(MetaPathFinder):
    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - the finder protocol has it
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        if fullname == "pandas":
            raise ModuleNotFoundError("pandas is left out of this process", name=fullname)
        return None


def leave_pandas_out() -> None:
    """Make ``import pandas`` fail in this process from now on; for programs, not for libraries."""
    sys.meta_path.insert(0, _WithoutPandas())
