"""Programs that tests need: where one is missing they skip; in a pipeline, which installs it, they fail."""

from __future__ import annotations

import os

import pytest


def needs(program: str | None, absent: str) -> pytest.MarkDecorator:
    """Return the mark of tests that need a program.

    Parameters
    ----------
    program : str or None
        Its path; None where it is missing.
    absent : str
        What is missing, and what to install. With CI=true the tests run all the same, and fail without it.
    """
    return pytest.mark.skipif(program is None and os.environ.get("CI") != "true", reason=absent)
