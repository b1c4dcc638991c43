"""A campaign stops at the first broken property and saves it; its number alone makes the try again."""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from pathlib import Path
from typing import override

import pytest

from tests.campaigns import __main__ as command
from tests.campaigns.campaign import Campaign, run, save
from tests.campaigns.sandbox import CrashError, Sandbox
from tests.support.running_app import PROJECT


class Lottery(Campaign):
    """Breaks when a number above 900 of 1,000 is drawn."""

    name = "lottery"

    @override
    def start(self) -> None:
        self.drawn: list[int] = []

    @override
    def attempt(self, chance: random.Random) -> Counter[str]:
        self.drawn.append(chance.randrange(1_000))
        self.evidence["drawn/number.txt"] = str(self.drawn[-1]).encode()
        if self.drawn[-1] > 900:
            raise ValueError(f"{self.drawn[-1]} is too much")
        return Counter(drawn=1)


def test_a_broken_property_ends_it_and_is_repeated_alone(tmp_path: Path) -> None:
    with Lottery(tmp_path, tmp_path) as campaign:
        result = run(campaign, 7, tries=1_000)
        assert result.breach is not None
        assert result.tried == result.breach.number + 1 == result.outcomes["drawn"] + 1
        saved = save(result, campaign.evidence, tmp_path)
        assert run(campaign, 7, tries=1, first=result.breach.number).breach is not None
    assert campaign.drawn[-1] == campaign.drawn[-2]
    assert (saved / "drawn" / "number.txt").read_text() == str(campaign.drawn[-1])
    command_line, _, rest = (saved / "repeat.txt").read_text().partition("\n")
    assert command_line == f"make campaign SEED=7 CAMPAIGN=lottery TRY={result.breach.number}"
    assert "Traceback" in rest


def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "CAMPAIGNS", {"lottery": Lottery})
    monkeypatch.setattr(command, "SAVED", PROJECT / ".bench" / "campaign" / tmp_path.name)
    monkeypatch.setattr(command, "build_models", lambda folder: folder)
    assert command.main(["--minutes", "1"]) == 1
    lines = capsys.readouterr().out.splitlines()
    seed = lines[0].removeprefix("seed ")
    assert lines[-1].split()[0] == "lottery"
    assert {seed, "BROKEN;"} <= set(lines[-1].split())
    tried = int(lines[-1].split()[1])
    arguments = ["--seed", seed, "--campaign", "lottery", "--try"]
    assert command.main([*arguments, str(tried - 1)]) == 1
    if tried > 1:
        assert command.main([*arguments, "0"]) == 0


def test_a_try_without_its_seed_repeats_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(["--try", "3"])
    assert ended.value.code == 2
    assert "--seed" in capsys.readouterr().err


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


@pytest.mark.slow
def test_a_crash_is_seen_and_the_next_call_answered() -> None:
    with Sandbox({"CAMPAIGN_SAID": "yes"}) as sandbox:
        assert sandbox.call(os.getenv, "CAMPAIGN_SAID") == "yes"
        with pytest.raises(CrashError, match="SIGSEGV"):
            sandbox.call(crash)
        with pytest.raises(CrashError, match="ValueError"):
            sandbox.call(int, "x")
        assert sandbox.call(int, "7") == 7
