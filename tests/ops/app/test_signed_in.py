from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ops.__main__ import main
from ops.app.signed_in import SignedIn
from ops.errors import OpsError
from tests.ops.conftest import ReplayCli


@pytest.fixture(autouse=True)
def _nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No service principal in the environment, no CLI on PATH."""
    for name in ("TENANT_ID", "CLIENT_ID", "CLIENT_SECRET", "USERNAME", "PASSWORD"):
        monkeypatch.delenv(f"AZURE_{name}", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))


def output(capsys: pytest.CaptureFixture[str], began: float) -> str:
    assert time.monotonic() - began < 10, "it does not try for long"
    return capsys.readouterr().err


def test_nobody_is_signed_in(capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    """No request is sent: the account need not exist."""
    began = time.monotonic()
    assert main(["poison", "list", "--account", "nobodysaccount"]) == 1
    assert re.fullmatch("error: .*`az login`.*\n", output(capsys, began))
    assert not caplog.records


def test_no_longer_signed_in(replay_cli: ReplayCli, capsys: pytest.CaptureFixture[str]) -> None:
    expired = "ERROR: AADSTS700082: The refresh token has expired. Please run: az login"
    replay_cli({"account get-access-token": {"error": expired}})
    began = time.monotonic()
    assert main(["poison", "list", "--account", "nobodysaccount"]) == 1
    assert re.match("error: .*`az login`", output(capsys, began))


def test_the_azure_clis_token(replay_cli: ReplayCli) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    answer = {"accessToken": "the token", "expires_on": int(later.timestamp()), "expiresOn": str(later)}
    asked = replay_cli({"account get-access-token": answer})
    assert SignedIn().get_token("https://storage.azure.com/.default").token == "the token"
    assert "--resource https://storage.azure.com" in (asked / "asked.txt").read_text()


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("AADSTS700024", "azure/login"),
        ("AADSTS65001", "`az login --scope 00000000-0000-0000-0000-00000000a991/.default`"),
        ("AADSTS500011", "`az ad sp create --id 00000000-0000-0000-0000-00000000a991`"),
        ("AADSTS50105", "assigned"),
    ],
)
def test_a_token_that_is_refused_is_not_taken_for_nobody_signed_in(
    code: str, remedy: str, replay_cli: ReplayCli
) -> None:
    replay_cli({"account get-access-token": {"error": f"ERROR: {code}: It cannot be had. Trace ID: 1"}})
    audience = "00000000-0000-0000-0000-00000000a991"
    with pytest.raises(OpsError, match=rf"{audience} \({code}\): ") as caught:
        SignedIn().get_token(f"{audience}/.default")
    assert remedy in str(caught.value)
