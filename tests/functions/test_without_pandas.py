"""pyarrow works without pandas, and does not bring it in."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

ASKED = """
import sys
import pyarrow as pa
{before}
assert pa.scalar(1).as_py() == 1 and pa.array([1.5, None]).to_numpy(zero_copy_only=False)[0] == 1.5
print("pandas" in sys.modules)
"""
LEFT_OUT = "from functions.without_pandas import leave_pandas_out; leave_pandas_out()"


@pytest.mark.parametrize(("before", "there"), [("", "True"), (LEFT_OUT, "False")])
def test_pandas_stays_out_of_a_program_that_says_so(before: str, there: str) -> None:
    program = [sys.executable, "-c", ASKED.format(before=before)]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == there


def test_scoring_imports_no_pandas() -> None:
    program = [sys.executable, "-c", "import functions.score, sys; print('pandas' in sys.modules)"]
    assert subprocess.run(program, capture_output=True, text=True, check=True).stdout.strip() == "False"
