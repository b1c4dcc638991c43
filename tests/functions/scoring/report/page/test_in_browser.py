"""The page in a real Chromium: what people will see, not what we wrote."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.functions.scoring.report.page.made_report import HOSTILE, fleet, report_of
from tests.functions.scoring.report.page.test_render import with_texts
from tests.support.needed_program import needs
from tools.chromium import ABSENT, chromium, launch

pytestmark = [pytest.mark.slow, needs(chromium(), ABSENT)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launch() as running:
        yield running


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "day.report.html"
    path.write_text(report_of(fleet())[1], encoding="utf-8")
    return path


class Opened:
    """A page, and everything it complained about or asked for."""

    def __init__(self, browser: Browser, path: Path, width: int = 1000, scheme: str = "light") -> None:
        self._context = browser.new_context(
            viewport={"width": width, "height": 844},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        self.page: Page = self._context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())

    def __enter__(self) -> Opened:
        return self

    def __exit__(self, *_: object) -> None:
        self._context.close()

    def colours(self) -> list[str]:
        """Return the colours of the ground, of the text and of a bar."""
        found: list[str] = self.page.evaluate(
            "['body', 'h1', 'rect'].map((name, place) => getComputedStyle(document.querySelector(name))"
            "[['backgroundColor', 'color', 'fill'][place]])"
        )
        return found

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than the screen."""
        found: int = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return found


def test_nothing_is_asked_for_and_nothing_complains(browser: Browser, report: Path) -> None:
    with Opened(browser, report) as seen:
        assert seen.requests == [report.as_uri()]
        assert seen.complaints == []
        assert seen.page.locator("svg").count() == 3
        assert all(box["height"] > 40 for box in map(_box, seen.page.locator("svg").all()))


def _box(locator: object) -> dict[str, float]:
    found: dict[str, float] = locator.bounding_box()  # type: ignore[attr-defined]
    return found


def test_numbers_on_the_screen_are_those_of_the_summary(browser: Browser, report: Path) -> None:
    reported = report_of(fleet())[0].summary
    with Opened(browser, report) as seen:
        for level in ("critical", "high", "medium"):
            assert seen.page.locator(f".tile.{level} b").inner_text() == str(reported["risk"][level])
        tile = seen.page.locator(".tile").first.inner_text()
        assert reported["fleet"]["expected_failures"] is None
        assert reported["fleet"]["no_number_because"]["sentence"] in tile
        assert not any(character.isdigit() for character in tile.splitlines()[0])
        serials = seen.page.locator("#worst-drives tbody th").all_inner_texts()
        assert len(serials) == 50
        assert serials[:10] == [drive["serial_number"] for drive in reported["worst"]]
        bars = seen.page.locator("svg").first.locator("text").all_text_contents()
        assert dict(zip(bars[::2], map(int, bars[1::2]), strict=True)) == reported["risk"]


def test_the_number_says_for_how_many_drives_it_stands(browser: Browser, tmp_path: Path) -> None:
    found, source = report_of(fleet(models=["ST4000DM000"]))
    path = tmp_path / "known.report.html"
    path.write_text(source, encoding="utf-8")
    reported = found.summary["fleet"]
    with Opened(browser, path) as seen:
        number, meaning, *_ = seen.page.locator(".tile").first.inner_text().splitlines()
        assert float(number) == pytest.approx(reported["expected_failures"], abs=0.05)
        assert f"{reported['forecast_drives']} of {reported['drives']} drives" in meaning


@pytest.mark.parametrize("width", [390, 320])
def test_on_a_phone_nothing_is_off_the_screen(browser: Browser, report: Path, width: int) -> None:
    with Opened(browser, report, width) as seen:
        assert seen.overflow() <= 0
        cell = seen.page.locator("#worst-drives tbody td").first
        box = _box(cell)
        assert 0 <= box["x"] < box["x"] + box["width"] <= width
        assert seen.page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 16


def test_by_day_by_night_and_on_paper(browser: Browser, report: Path) -> None:
    with Opened(browser, report) as day, Opened(browser, report, scheme="dark") as night:
        light, dark = day.colours(), night.colours()
        assert all(mine != theirs for mine, theirs in zip(light, dark, strict=True))
        for seen in (day, night):
            ground, ink = seen.colours()[:2]
            assert contrast(ground, ink) > 7  # WCAG AAA
        night.page.emulate_media(media="print")
        # What is dark on the screen is printed on white.
        assert night.colours()[0] == "rgb(255, 255, 255)"
        assert contrast(*night.colours()[:2]) > 7
        for anchor in ("worst-drives", "drive-models", "rejects", "missing"):
            assert night.page.locator(f"#{anchor}").is_visible()
        assert night.page.locator("#worst-drives thead").is_visible()
        assert not night.page.locator("nav").is_visible()


def test_it_prints(browser: Browser, report: Path) -> None:
    with Opened(browser, report) as seen:
        pdf = seen.page.pdf(format="A4")
        assert pdf.startswith(b"%PDF")
        assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") + pdf.count(b"/Type/Page") > 1


@pytest.mark.parametrize("index", range(len(HOSTILE)))
def test_hostile_text_does_nothing(browser: Browser, tmp_path: Path, index: int) -> None:
    path = tmp_path / "hostile.report.html"
    path.write_text(with_texts(HOSTILE[index], HOSTILE[index], HOSTILE[index]), encoding="utf-8")
    with Opened(browser, path, 390) as seen:
        assert seen.page.title().startswith("Drive failure forecast: ")
        assert seen.page.locator("script, img").count() == 0
        assert seen.requests == [path.as_uri()]
        assert seen.complaints == []
        assert seen.overflow() <= 0


def test_a_script_would_not_run(browser: Browser, report: Path, tmp_path: Path) -> None:
    """Were the escaping to fail, the page's own policy still stands."""
    path = tmp_path / "broken.html"
    path.write_text(report.read_text().replace("</main>", "<script>document.title='taken'</script></main>"))
    with Opened(browser, path) as seen:
        assert seen.page.title() != "taken"
        assert any("Content Security Policy" in complaint for complaint in seen.complaints)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two CSS colours as WCAG defines it."""
    high, low = sorted(map(_luminance, (one, other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
