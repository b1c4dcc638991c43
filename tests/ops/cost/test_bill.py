from __future__ import annotations

import re
from dataclasses import replace

import pytest

from functions.blueprints.batch import LOOKS
from functions.settings import RANGE_BYTES
from ops.cost import bill as bills
from ops.cost import prices
from ops.cost.bill import EXAMPLES, BilledFleet, bill
from tests.infra.snapshot import read
from tests.support.running_app import PROJECT


def without_grants(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, price in vars(prices).copy().items():
        if isinstance(price, prices.Price):
            monkeypatch.setattr(prices, name, replace(price, free=0))


def test_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    without_grants(monkeypatch)
    found = bill(BilledFleet("two ranges", 300_000, files=1, requests=10))
    # 117 MB are two ranges; 3 s of scoring, 1 s of planning, 10 s of requests, 2,880 of looks, on 2 GB.
    assert found.scoring == pytest.approx(2 * 2_894.0 * 0.000026 + (3 + 10 + 2_880) * 0.4e-6)
    writes, reads = 20_000 + 5 * 2_880 + 30 + 14, 300_000 + 2 * 2_880 + 100 + 20
    kept = 300_000 * (390 + 75 + 37) / 1e9
    assert found.storage == pytest.approx(writes * 5.5e-6 + reads * 0.44e-6 + kept * 0.0208)
    assert found.events == pytest.approx((writes + 2) * 0.6e-6)
    assert found.logs == pytest.approx((0.5 + writes * 2e-6) * 2.3)
    assert found.alerts == pytest.approx(2 * 1.5 + 4 * 0.5 + 2 * 0.1)


def test_a_small_file_costs_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    without_grants(monkeypatch)
    one, many = bill(BilledFleet("one", 1, files=1)), bill(BilledFleet("some", 70_000, files=1))
    idle = bill(BilledFleet("none", 1, files=0)).scoring
    assert one.scoring == many.scoring == pytest.approx(idle + 2 * 0.000026 + 0.4e-6)


def test_two_ranges_are_planned_in_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    without_grants(monkeypatch)
    idle, found = (bill(BilledFleet("six ranges", 1_000_000, files=files)).scoring for files in (0, 1))
    # 10 s of scoring, and three steps of planning.
    assert found - idle == pytest.approx(2 * 13.0 * 0.000026 + (6 + 3) * 0.4e-6)


def test_free_grants_are_taken_off_once() -> None:
    assert prices.EXECUTION_TIME.of(100_000) == 0
    assert prices.EXECUTION_TIME.of(100_001) == pytest.approx(0.000026)


def test_more_of_anything_costs_no_less() -> None:
    base = BilledFleet("base", 200_000, files=3_000, requests=100_000, kept_months=3)
    more = [replace(base, **{field: 2 * getattr(base, field)}) for field in ("drives", "files", "requests")]
    for fleet in [*more, replace(base, kept_months=6)]:
        assert bill(fleet).total > bill(base).total


def test_what_is_kept_of_history_has_an_end() -> None:
    year, two = (bill(BilledFleet("", 1_000_000, kept_months=months)).storage for months in (12, 24))
    rows = 12 * 30 * 1e6
    assert two - year == pytest.approx(rows * (390 + 75) / 1e9 * 0.0208)


def test_the_time_is_that_of_performance_md() -> None:
    page = (PROJECT / "docs" / "performance.md").read_text()
    (section,) = re.findall(r"^## Batch speed\n(.*?)^## ", page, re.DOTALL | re.MULTILINE)
    rows = re.findall(r"\(([\d,]+) rows, ", section)
    measured = re.findall(r"two snapshots joined, one written \| [\d.]+ \| ([\d.]+) \|", section)
    found = float(measured[0]) / int(rows[0].replace(",", "")) * 1e6
    assert found <= bills.SECONDS_PER_MILLION_ROWS <= 2 * found


def test_the_deployment_is_that_of_infra() -> None:
    usual = read("private-storage")
    config = usual.one("Microsoft.Web/sites")["properties"]["functionAppConfig"]
    assert config["scaleAndConcurrency"]["instanceMemoryMB"] == bills.INSTANCE_GB * 1024
    policy = usual.one("Microsoft.Storage/storageAccounts/managementPolicies")["properties"]["policy"]
    (history,) = (rule["definition"] for rule in policy["rules"] if rule["name"] == "delete-history")
    assert history["actions"]["baseBlob"]["delete"] == {
        "daysAfterModificationGreaterThan": bills.HISTORY_DAYS
    }
    rules = list(usual.of("Microsoft.Insights/scheduledQueryRules"))
    often = [rule for rule in rules if rule["properties"]["evaluationFrequency"] == "PT5M"]
    assert (len(often), len(rules) - len(often)) == (bills.FREQUENT_ALERTS, bills.ALERTS)
    metrics = [*usual.of("Microsoft.Insights/metricAlerts")]
    metrics += read("events-webhook").of("Microsoft.Insights/metricAlerts")
    assert len(metrics) == bills.METRIC_ALERTS
    assert int(RANGE_BYTES.default) == 64 * 2**20
    (minutes,) = re.fullmatch(r"0 \*/(\d+) \* \* \* \*", LOOKS).groups()  # type: ignore[union-attr]
    assert 30 * 24 * 60 // int(minutes) == bills.LOOKS


def test_what_the_page_says_of_the_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    fleets = [bill(fleet) for fleet in EXAMPLES]
    assert all(found.scoring == 0 for found in fleets)
    assert all(found.alerts > found.total / 2 for found in fleets)
    without_grants(monkeypatch)
    (large,) = (
        fleet for fleet in EXAMPLES if fleet.drives == 330_000 and fleet.name.endswith("a file a day")
    )
    assert f"{bill(large).scoring:.2f}" == "0.16"
    assert bill(large).scoring / 0.000026 == pytest.approx(260 + 5_760, rel=0.02)
