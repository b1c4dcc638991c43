"""The page for people, in a real Chromium: paste, send, see the forecast."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, Route

from tests.functions.pages.browsing import HOSTILE, PHONES, Visit, in_chromium
from tests.support.drives import HEADER, WORN, record, row

pytestmark = in_chromium

type Visitor = Callable[..., Visit]

OUTPUTS = Path(__file__).parents[2] / "data" / "smartctl"
FAILING = (OUTPUTS / "hitachi-HDS721050DLE630-failing.json").read_text(encoding="utf-8")
SMARTCTL = "application/vnd.smartmontools+json"


def send(page: Page, pasted: str) -> None:
    page.fill("#telemetry", pasted)
    page.click("button.main")
    page.wait_for_selector("#result > *")


def shown_percent(probability: float) -> str:
    share = probability * 100
    digits = 0 if share >= 10 else 1 if share >= 1 else 2
    return f"{share:.{digits}f} %" if share >= 0.01 else "below 0.01 %"


def test_smartctl_output(visit: Visitor, http: httpx.Client) -> None:
    expected = http.post("/predict", content=FAILING, headers={"content-type": SMARTCTL}).json()
    with visit() as seen:
        page = seen.open("")
        send(page, FAILING)
        assert seen.text("#probability") == shown_percent(expected["probability"])
        assert seen.text("#risk") == f"{expected['risk']} risk" == "critical risk"
        assert seen.text("#advice") == expected["advice"]
        reasons = page.locator("#reasons li").all_inner_texts()
        assert reasons == [reason["sentence"] for reason in expected["reasons"]] != []
        assert seen.complaints == []
        assert seen.foreign() == []


def test_a_telemetry_row_and_its_chart(visit: Visitor, http: httpx.Client) -> None:
    explained = http.post("/explain", json=record(**WORN, smart_188_raw=0, smart_194_raw=25, smart_198_raw=0))
    contributions = explained.json()["explained"]["contributions"]
    with visit() as seen:
        page = seen.open("")
        send(page, f"{HEADER}\n{row(**WORN)}\n")
        assert seen.text("#risk") == "critical risk"
        drawn = [one for one in contributions if abs(one["contribution"]) >= 0.0005]
        page.wait_for_selector("svg rect")
        bars = page.locator("svg rect")
        assert bars.count() == len(drawn) > 0
        widths = [float(bar.get_attribute("width") or 0) for bar in bars.all()]
        sizes = [abs(one["contribution"]) for one in drawn]
        assert widths == pytest.approx([max(size * widths[0] / sizes[0], 1) for size in sizes], rel=1e-6)
        raising = [bar.get_attribute("class") == "raises" for bar in bars.all()]
        assert raising == [one["contribution"] > 0 for one in drawn]
        output = page.locator("svg").get_attribute("aria-label") or ""
        assert output.startswith(f"{drawn[0]['name']} ({drawn[0]['attribute']}): ")
        assert seen.complaints == []


def test_json_and_history(visit: Visitor) -> None:
    earlier = record(date="2014-01-18", smart_5_raw=8, smart_187_raw=2)
    with visit() as seen:
        page = seen.open("")
        send(page, json.dumps([record(**WORN), earlier]))
        assert " 7 days " in seen.text("#forecast")
        assert " 7 days" in seen.text("#reasons")
        send(page, json.dumps(record(**WORN)))
        page.wait_for_selector("text=Without history")


SOLID_STATE = {"model": "Samsung SSD 860 EVO 1TB", "smart_5_raw": 0, "smart_187_raw": 0, "smart_197_raw": 0}
TOSHIBA = {"model": "TOSHIBA DT01ACA300", "smart_5_raw": 8, "smart_197_raw": 16}


@pytest.mark.parametrize("fields", [WORN, TOSHIBA], ids=["trained", "similar"])
def test_how_well_the_model_knows_the_drive(
    visit: Visitor, http: httpx.Client, fields: dict[str, object]
) -> None:
    pasted = record(**fields)
    expected = http.post("/predict", json=pasted).json()
    assert expected["missing"]
    with visit() as seen:
        send(seen.open(""), json.dumps(pasted))
        assert seen.text("#scope") == expected["scope"]
        assert seen.text("#basis") == expected["basis"]
        assert seen.text("#missing") == f"SMART {', '.join(map(str, expected['missing']))}"
        assert seen.page.locator("#stand-ins, #why-unknown").count() == 0
        assert seen.complaints == []


def test_stand_ins(visit: Visitor) -> None:
    """The models of this project have none, so the app's answer is changed on its way."""

    def with_stand_in(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "stand_ins": {"197": 198}})

    with visit() as seen:
        page = seen.open("")
        page.route("**/api/predict", with_stand_in)
        send(page, json.dumps(record(**TOSHIBA)))
        assert seen.text("#stand-ins") == "SMART 198 for 197"


@pytest.mark.parametrize(
    ("fields", "code"),
    [(SOLID_STATE, "solid_state"), ({"model": "TOSHIBA DT01ACA300", "smart_5_raw": 0}, "no_evidence")],
)
@pytest.mark.parametrize("width", [1000, *PHONES])
def test_a_drive_nothing_is_known_of(
    visit: Visitor, http: httpx.Client, fields: dict[str, object], code: str, width: int
) -> None:
    pasted = record(**fields)
    expected = http.post("/predict", json=pasted).json()
    explained = http.post("/explain", json=pasted).json()
    assert (expected["probability"], explained["unknown_code"]) == (None, code)
    with visit(width=width) as seen:
        page = seen.open("")
        send(page, json.dumps(pasted))
        assert (seen.text("#risk"), seen.text("#scope")) == ("unknown risk", "unknown")
        assert seen.text("#advice") == expected["advice"]
        assert seen.text("#basis") == expected["basis"]
        assert explained["why_unknown"] in seen.text("#why-unknown")
        assert "%" not in seen.text("#forecast")
        assert page.locator("#probability, #forecast svg").count() == 0
        assert seen.overflow() <= 0
        assert seen.complaints == []


def test_the_example_works(visit: Visitor) -> None:
    with visit() as seen:
        page = seen.open("")
        page.click("#example")
        page.wait_for_selector("#forecast")
        assert "ST4000DM000 · Z300AAAA" in seen.text("#forecast h2")
        assert page.locator("#forecast a").get_attribute("href") == "model/card"
        page.click("#forecast a")
        page.wait_for_selector("h1:has-text('Model v2')")
        assert seen.complaints == []


@pytest.mark.parametrize(
    ("pasted", "output"),
    [
        ("", ""),
        ("smartctl 7.4 2023-08-01 r5530", "-j"),
        ("{", "JSON"),
        ("a,b\n1,2", "header"),
        (HEADER, "line"),
        (f"{HEADER}\n2014-01-25,Z3", "Line 2 has 2 fields"),
        (f"{HEADER}\n{row('Z1')}\n{row('Z2')}", " 2 drives"),
        (f"{HEADER}\n{row('Z1')}\n{row('Z1', model='WDC WD60EFRX')}", " 2 drives"),
        ("[]", "telemetry"),
        ("[1]", "telemetry"),
        (f"{HEADER}\n{row(smart_5_raw='inf')}", "smart_5_raw is 'inf'"),
        (f"{HEADER}\n{row(date='25.01.2014')}", "date is '25.01.2014'"),
        ((OUTPUTS / "samsung-970-evo-plus-nvme.json").read_text(encoding="utf-8"), "'NVMe'"),
    ],
)
def test_what_cannot_be_read_is_said(visit: Visitor, pasted: str, output: str) -> None:
    with visit() as seen:
        send(seen.open(""), pasted)
        told = seen.text("#result [role=alert]")
        assert told
        assert output in told
        # Chromium itself logs that an answer was refused; the scripts have nothing to complain of.
        assert [text for text in seen.complaints if "422" not in text] == []


def test_too_much_is_said(visit: Visitor) -> None:
    with visit() as seen:
        send(seen.open(""), json.dumps(record(note="x" * 30_000)))
        assert "20000" in seen.text("#result [role=alert]")


@pytest.mark.parametrize("field", ["serial_number", "model"])
def test_hostile_text_stays_text(visit: Visitor, field: str) -> None:
    with visit() as seen:
        page = seen.open("")
        send(page, json.dumps(record(**WORN, **{field: HOSTILE})))
        assert HOSTILE in seen.text("#forecast h2")
        assert page.locator("#result img, #result script").count() == 0
        assert page.title() == "Drivecast"
        assert seen.complaints == []


def test_hostile_text_in_a_complaint_stays_text(visit: Visitor) -> None:
    with visit() as seen:
        page = seen.open("")
        send(page, json.dumps(record(smart_5_raw=HOSTILE)))
        assert "<img src=x" in seen.text("#result [role=alert]")
        assert page.locator("#result img").count() == 0
        assert page.title() == "Drivecast"


def test_no_text_becomes_markup_even_if_a_script_tries(visit: Visitor) -> None:
    with visit() as seen:
        page = seen.open("")
        tried = page.evaluate(
            "try { document.body.innerHTML = '<b>x</b>'; 'done' } catch (error) { error.name }"
        )
        assert tried == "TypeError"


@pytest.mark.parametrize("width", PHONES)
@pytest.mark.parametrize("dark", [False, True])
def test_on_a_phone(visit: Visitor, width: int, dark: bool) -> None:
    with visit(width=width, dark=dark) as seen:
        page = seen.open("")
        send(page, FAILING)
        page.wait_for_selector("svg rect")
        page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
        assert seen.overflow() <= 0
        for label in page.locator("svg text").all():
            box = label.bounding_box()
            assert box is not None
            assert 0 <= box["x"] < box["x"] + box["width"] <= width
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == ("rgb(20, 23, 27)" if dark else "rgb(251, 251, 250)")


def asks_for_a_key(route: Route) -> None:
    """Stand in for Azure, which checks function keys before the app is asked; devhost has none."""
    if route.request.headers.get("x-functions-key") == "right":
        route.continue_()
    else:
        route.fulfill(status=401, body="")


def test_the_function_key(visit: Visitor) -> None:
    with visit() as seen:
        page = seen.open("")
        for path in ("**/api/predict", "**/api/explain"):
            page.route(path, asks_for_a_key)
        send(page, json.dumps(record(**WORN)))
        assert seen.text("#result [role=alert]")
        page.fill("#key", "right")
        page.click("button.main")
        page.wait_for_selector("#forecast")
        assert page.locator("#forecast a").count() == 0  # a link would go without the key
        assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
        assert not any("right" in url for url in seen.requests)
        page.reload()
        assert page.input_value("#key") == ""


def test_an_app_that_does_not_answer(visit: Visitor) -> None:
    with visit() as seen:
        page = seen.open("")
        page.route("**/api/predict", lambda route: route.abort())
        send(page, json.dumps(record(**WORN)))
        assert seen.text("#result [role=alert]")
        assert page.locator("button.main").is_enabled()
