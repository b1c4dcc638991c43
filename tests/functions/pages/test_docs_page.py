"""The documentation in a real Chromium: everything listed, a request filled in, sent, and its answer seen."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable

import httpx
import pytest

from tests.functions.pages.browsing import HOSTILE, PHONES, Visit, in_chromium
from tests.support.drives import WORN, record

pytestmark = in_chromium

type Visitor = Callable[..., Visit]


def test_every_endpoint_with_its_fields_and_errors(visit: Visitor, http: httpx.Client) -> None:
    api = http.get("/openapi.json").json()
    operations = [(method, path, one) for path, all_ in api["paths"].items() for method, one in all_.items()]
    with visit() as seen:
        page = seen.open("docs")
        page.wait_for_selector("details.endpoint")
        assert page.locator("details.endpoint").count() == len(operations) > 15
        for method, path, operation in operations:
            part = page.locator(f"details.endpoint[id='{operation['operationId']}']")
            part.locator("summary").first.click()
            # What is inside is made once it is opened.
            part.locator(":scope > :not(summary)").first.wait_for()
            summary = part.locator("summary").first.inner_text()
            assert method.upper() in summary
            assert path in summary
            assert operation["summary"] in summary
            text = part.text_content() or ""
            for status in operation["responses"]:
                assert status in text
            for parameter in operation.get("parameters", []):
                assert parameter["name"] in text
            for content in operation.get("requestBody", {}).get("content", {}).values():
                name = content["schema"].get("$ref", "").rpartition("/")[2]
                for field in api["components"]["schemas"].get(name, {}).get("properties", {}):
                    assert field in text
        assert "invalid_telemetry" in (page.locator("#predict").text_content() or "")
        assert seen.complaints == []
        assert seen.foreign() == []


def test_open_fill_send_see(visit: Visitor, http: httpx.Client) -> None:
    drive = record(**WORN)
    expected = http.post("/predict?reasons=none", json=drive).json()
    with visit() as seen:
        page = seen.open("docs#predict")
        form = page.locator("#predict form.try")
        form.locator("textarea").fill(json.dumps(drive))
        form.locator("select[name=reasons]").select_option("none")
        form.locator("button.main").click()
        answer = form.locator(".answer")
        answer.wait_for()
        assert form.locator(".status").inner_text() == "200"
        assert json.loads(answer.inner_text()) == expected
        assert "server-timing: " in form.locator(".headers").inner_text()
        assert seen.complaints == []


def test_what_is_filled_in_at_first_is_answered(visit: Visitor, http: httpx.Client) -> None:
    """Every endpoint with every media type, sent as the page has it."""
    api = http.get("/openapi.json").json()
    tried = []
    with visit() as seen:
        page = seen.open("docs")
        page.wait_for_selector("details.endpoint")
        for operation in (one for all_ in api["paths"].values() for one in all_.values()):
            name = operation["operationId"]
            part = page.locator(f"details.endpoint[id='{name}']")
            part.locator("summary").first.click()
            form = part.locator("form.try")
            form.wait_for()
            for kind in operation.get("requestBody", {}).get("content", {"": None}):
                if kind:
                    form.locator("select[name='media type']").select_option(kind)
                with page.expect_response("**/api/**"):
                    form.locator("button.main").click()
                form.locator("button.main:enabled").wait_for()
                shown = form.locator(".status").inner_text()
                assert shown == "200", f"{name} {kind}: {form.locator('.answer').inner_text()}"
                tried.append((name, kind))
                # So that the next answer is not taken for this one.
                form.locator(".status").evaluate("(one) => one.remove()")
        assert seen.complaints == []
    assert ("predict", "application/vnd.smartmontools+json") in tried
    assert ("oip_infer_version", "application/json") in tried
    assert len(tried) > len(api["paths"])


def test_a_path_parameter(visit: Visitor) -> None:
    with visit() as seen:
        page = seen.open("docs#oip_model_version")
        form = page.locator("#oip_model_version form.try")
        assert form.locator("input[name=version]").input_value() == "v2"
        form.locator("input[name=version]").fill("")
        form.locator("button.main").click()
        assert "Fill in version" in form.inner_text()
        form.locator("input[name=version]").fill("v2")
        form.locator("button.main").click()
        form.locator(".status").wait_for()
        assert form.locator(".status").inner_text() == "200"


def test_a_problem_is_shown(visit: Visitor) -> None:
    with visit() as seen:
        page = seen.open("docs#predict")
        form = page.locator("#predict form.try")
        form.locator("textarea").fill(json.dumps(record(smart_5_raw=HOSTILE)))
        form.locator("button.main").click()
        form.locator(".answer").wait_for()
        problem = json.loads(form.locator(".answer").inner_text())
        assert problem["code"] == "invalid_telemetry"
        assert form.locator("img").count() == 0
        assert page.title() == "Drivecast API"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_curl_line_does_the_same(visit: Visitor) -> None:
    drive = record(**WORN, serial_number="it's")
    with visit() as seen:
        page = seen.open("docs#predict")
        form = page.locator("#predict form.try")
        form.locator("textarea").fill(json.dumps(drive))
        line = form.locator(".curl").text_content() or ""
    done = subprocess.run(["/bin/sh", "-c", f"{line} -s"], capture_output=True, check=True, timeout=30)
    assert json.loads(done.stdout)["serial_number"] == "it's"


def test_the_function_key_goes_along_and_is_not_shown(visit: Visitor) -> None:
    with visit() as seen:
        page = seen.open("docs#health")
        page.fill("#key", "secret-key")
        form = page.locator("#health form.try")
        with page.expect_request("**/api/health") as asked:
            form.locator("button.main").click()
        assert asked.value.headers["x-functions-key"] == "secret-key"
        form.locator("summary").click()
        assert "secret-key" not in page.locator("main").inner_text()
        assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]


def test_a_document_behind_a_key(visit: Visitor) -> None:
    with visit() as seen:
        # The host checks function keys before the app is asked; the devhost of the tests has none.
        seen.page.route(
            "**/api/openapi.json",
            lambda route: (
                route.continue_()
                if route.request.headers.get("x-functions-key") == "right"
                else route.fulfill(status=401, body="")
            ),
        )
        page = seen.open("docs")
        page.wait_for_selector("text=asks for a function key")
        page.fill("#key", "right")
        page.keyboard.press("Enter")
        page.wait_for_selector("#predict")


@pytest.mark.parametrize("width", PHONES)
def test_on_a_phone(visit: Visitor, width: int) -> None:
    with visit(width=width, dark=True) as seen:
        page = seen.open("docs")
        page.wait_for_selector("details.endpoint")
        assert seen.overflow() <= 0
        page.evaluate("document.querySelectorAll('details.endpoint').forEach((one) => { one.open = true; })")
        page.wait_for_selector("#model_card form.try")
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert seen.overflow() <= 0


def test_the_card_needs_no_script(visit: Visitor) -> None:
    for width in (1000, *PHONES):
        with visit(width=width) as seen:
            page = seen.open("model/card")
            assert page.locator("h1").inner_text().startswith("Model v2")
            assert page.locator("script").count() == 0
            assert seen.overflow() <= 0
            assert seen.complaints == []
            assert seen.foreign() == []
