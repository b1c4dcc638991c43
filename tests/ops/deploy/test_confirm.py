from __future__ import annotations

import io
import re
import sys

import pytest

from ops.deploy.confirm import confirm
from ops.errors import OpsError


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_expected_answer(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("dev\n"))
    confirm("Deploy?", "dev")
    assert re.match(r"Deploy\? .*\bdev\b", capsys.readouterr().err)


@pytest.mark.parametrize("typed", ["", "\n", "y\n", "yes\n", "prod\n"])
def test_any_other_answer(typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    with pytest.raises(OpsError):
        confirm("Deploy?", "dev")


def test_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("dev\n"))
    with pytest.raises(OpsError, match="--yes"):
        confirm("Deploy?", "dev")
