"""A query to Prometheus' HTTP API, and its samples."""

from __future__ import annotations

import json
from typing import Any, Mapping, NamedTuple
from urllib.parse import urlencode

from collector.sending.http_exchange import Outgoing, Reply, UnreachableError, place_of
from collector.sending.patient_exchange import patient_exchange
from collector.sending.retries import RetryBudget


class PrometheusError(Exception):
    """Prometheus did not answer, or not as it should; its text is the line for the person."""


class PrometheusServer(NamedTuple):
    """A Prometheus: its address, a bearer token or "", and the patience for all queries together.

    ``seconds`` are those of one request.
    """

    address: str
    token: str
    patience: RetryBudget
    seconds: float


class MetricSample(NamedTuple):
    """One series' newest value, as Prometheus prints it."""

    labels: Mapping[str, str]
    value: str

    def label(self, name: str) -> str:
        """Return a label, "" where there is none: to Prometheus they are the same."""
        return self.labels.get(name, "")

    @property
    def drive(self) -> tuple[str, ...]:
        """The drive it is about, as Prometheus knows it."""
        return tuple(self.label(name) for name in ("instance", "device", "job"))


def query_samples(server: PrometheusServer, query: str) -> list[MetricSample]:
    """Return the samples of a query whose result is a vector. PrometheusError where there is none."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if server.token:
        headers["Authorization"] = "Bearer " + server.token
    body = urlencode({"query": query}).encode("ascii")
    outgoing = Outgoing("POST", server.address + "/api/v1/query", headers, body)
    place = place_of(outgoing.url)
    try:
        reply = patient_exchange(outgoing, server.patience, server.seconds)
    except UnreachableError as error:
        raise PrometheusError(f"{place}: {error}; check --prometheus") from None
    document = _document(reply)
    try:
        return [MetricSample(each["metric"], str(each["value"][1])) for each in document["data"]["result"]]
    except (KeyError, TypeError, IndexError):
        reason = document.get("error", "no reason given")
        raise PrometheusError(
            f"{place} answered status {reply.status} ({reason}); expected the result of a query; check "
            "--prometheus, --prometheus-match and --prometheus-token"
        ) from None


def _document(reply: Reply) -> dict[str, Any]:
    try:
        found = json.loads(reply.body.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
