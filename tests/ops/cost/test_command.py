from __future__ import annotations

import pytest

from ops.__main__ import main
from ops.cost.command import PAGE, with_tables
from ops.errors import OpsError


def test_the_page_is_up_to_date() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == with_tables(page), "run `python -m ops cost --write`"


def test_a_stale_table_is_made_anew() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert with_tables(page.replace("| home server", "| castle")) == page
    with pytest.raises(OpsError, match="<!-- prices -->"):
        with_tables(page.replace("<!-- prices -->", ""))


def test_a_fleet_of_ones_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "--drives", "24", "--months", "12"]) == 0
    printed = capsys.readouterr().out
    assert "| 24 drives, 30 files, 0 requests |" in printed
    assert "**5.53**" in printed


def test_a_number_no_fleet_has(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "--drives", "0"]) == 1
    assert "1 or more" in capsys.readouterr().err
