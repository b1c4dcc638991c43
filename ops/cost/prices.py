"""Prices in US dollars, each with where it is from; docs/cost.md has them as a table."""

from __future__ import annotations

from dataclasses import dataclass

FUNCTIONS = (
    "second-hand: [guide to Azure Functions' prices](https://modal.com/blog/azure-function-pricing-guide), "
    "May 2025"
)
COMPARISON = "second-hand: comparisons of providers; Microsoft's page could be read without its numbers"
STORAGE = (
    "Microsoft's [sample prices]"
    "(https://learn.microsoft.com/azure/storage/blobs/blob-storage-estimate-costs), July 2024, hot, "
    "locally redundant; samples, says Microsoft, not an offer"
)
EVENT_GRID = (
    "[Microsoft's documentation](https://learn.microsoft.com/azure/iot-hub/"
    "iot-hub-event-grid-routing-comparison), undated"
)
LOGS = "second-hand: [Azure Monitor cost](https://monitoringcost.com/azure-monitor-cost), 2026"
UNCONFIRMED = "**assumption**: no source could be read"


@dataclass(frozen=True)
class Price:
    """One price: US dollars for *per* units (*unit* in words), of which *free* a month cost nothing.

    *source* is Markdown.
    """

    meaning: str
    dollars: float
    per: float
    unit: str
    free: float
    source: str

    def of(self, units: float) -> float:
        """Return the dollars of a number of units in a month."""
        return max(0.0, units - self.free) * self.dollars / self.per


EXECUTION_TIME = Price("execution time", 0.000026, 1, "GB-second", 100_000, FUNCTIONS)
EXECUTIONS = Price("executions", 0.40, 1e6, "million", 250_000, COMPARISON)
WRITES = Price("storage: writes and lists", 0.055, 1e4, "10,000", 0, STORAGE)
READS = Price("storage: reads and others", 0.0044, 1e4, "10,000", 0, STORAGE)
KEPT = Price("storage: kept", 0.0208, 1, "GB and month", 0, STORAGE)
EVENTS = Price("Event Grid operations", 0.60, 1e6, "million", 100_000, EVENT_GRID)
LOGGED = Price("logs taken in", 2.30, 1, "GB", 5, LOGS)
FREQUENT_ALERT = Price("log alert asked every 5 minutes", 1.50, 1, "alert and month", 0, UNCONFIRMED)
ALERT = Price("log alert asked more rarely", 0.50, 1, "alert and month", 0, UNCONFIRMED)
METRIC_ALERT = Price("metric alert", 0.10, 1, "alert and month", 0, UNCONFIRMED)

PRICES = (
    EXECUTION_TIME,
    EXECUTIONS,
    WRITES,
    READS,
    KEPT,
    EVENTS,
    LOGGED,
    FREQUENT_ALERT,
    ALERT,
    METRIC_ALERT,
)


def prices_table() -> str:
    """Return the prices as a Markdown table."""
    rows = [
        f"| {price.meaning} | {price.dollars:g} $ a {price.unit} | {price.free:,.0f} | {price.source} |"
        for price in PRICES
    ]
    return "\n".join(("| Item | Price | Free a month | Source |", "| --- | --- | ---: | --- |", *rows))
