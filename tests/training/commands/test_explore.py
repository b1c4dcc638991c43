from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.training.exploration.parts import simulated
from training.__main__ import main
from training.exploration.wording import percent, short

pytestmark = pytest.mark.slow

_VOID = {"meta", "br", "img", "link", "hr", "input"}


class Page(HTMLParser):
    """Reads a page, checks that its tags close, and keeps its text and what it refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.references: list[str] = []
        self.ids: set[str] = set()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in _VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "srcset", "data", "action", "poster", "xlink:href"):
                self.references.append(value or "")
            if name == "id":
                self.ids.add(value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    page.close()
    assert not page.open
    return page


def test_the_report_stands_alone_and_shows_every_subject(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = simulated(tmp_path / "fleet")
    output = tmp_path / "new" / "report.html"
    assert main(["explore", "--data", str(tmp_path / "fleet"), "--output", str(output)]) == 0
    printed = capsys.readouterr().out
    failures = int(frame["failure"].sum())
    assert re.search(rf"\b{frame.height:,} drive-days .*\b400 drives, {failures} ", printed)
    page = read(output)
    text = " ".join(page.text)
    for heading in (
        "Class balance",
        "Missing values",
        "Values",
        "Correlation",
        "Failures by drive model",
        "Failures by age",
        "Lineage",
    ):
        assert heading in page.text
    assert f"{frame.height:,}" in page.text
    assert all(model in page.text for model in frame["model"].unique().to_list())
    assert "2025-06-01 to 2025-07-20" in text
    assert "svg" in page.tags
    assert not page.tags & {"script", "link", "img", "iframe", "object"}
    assert all(reference.removeprefix("#") in page.ids for reference in page.references)
    source = output.read_text(encoding="utf-8")
    assert not re.search(r"https?://|url\(|@import", source)
    assert "nan" not in re.findall(r'(?:x|y|width|height)="([^"]*)"', source)
    assert str(tmp_path) not in source


def test_the_same_telemetry_gives_the_same_bytes(tmp_path: Path) -> None:
    simulated(tmp_path / "fleet", drives=60, days=35)
    for name in ("a.html", "b.html"):
        assert main(["explore", "--data", str(tmp_path / "fleet"), "--output", str(tmp_path / name)]) == 0
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


@pytest.mark.parametrize(
    "content",
    [
        "date,serial_number,model,failure\n",
        "date,serial_number,model,failure\n2025-01-01,A,M,0\n",
        "date,serial_number,model,failure,smart_5_raw,smart_250_raw\n2025-01-01,A,<b>M&M</b>,1,,7\n",
        "date,serial_number,model,failure,smart_194_raw\n2025-01-01,A,M,0,281474976710655\n2025-03-09,A,M,0,-1\n",
    ],
    ids=["no rows", "no attributes", "markup for a model", "two periods"],
)
def test_the_least_telemetry_gives_a_report(tmp_path: Path, content: str) -> None:
    path = tmp_path / "2025-01-01.csv"
    path.write_text(content)
    assert main(["explore", "--data", str(path), "--output", str(tmp_path / "r.html")]) == 0
    assert "b" in read(tmp_path / "r.html").tags
    assert "<b>M" not in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_what_cannot_be_done_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explore", "--data", str(tmp_path / "absent"), "--output", str(tmp_path / "r.html")]) == 1
    assert "absent" in capsys.readouterr().err
    (tmp_path / "2025-01-01.csv").write_text("date,serial_number,model,failure\n")
    assert main(["explore", "--data", str(tmp_path), "--output", str(tmp_path)]) == 1
    assert ".html" in capsys.readouterr().err


def test_numbers_read_well() -> None:
    assert [percent(share) for share in (None, 0.0, 0.5, 0.00004, 1e-6)] == [
        "unknown",
        "0.00 %",
        "50.00 %",
        "0.004 %",
        "0.0001 %",
    ]
    assert [short(number) for number in (0, 512, 16_384, 2.0**20, 2.0**48)] == [
        "0",
        "512",
        "16k",
        "1M",
        "281T",
    ]
