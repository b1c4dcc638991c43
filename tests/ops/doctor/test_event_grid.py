from __future__ import annotations

import re
from typing import Any

import pytest

from ops.app.target import Target
from ops.doctor.event_grid import address_faults, check_subscription, check_system_topic
from ops.errors import OpsError
from tests.ops.conftest import ReplayCli
from tests.ops.doctor.hand_written_answers import FILTER, KEY, healthy, subscription
from tests.support.running_app import RunningAzurite

URL = "https://drivecast.azurewebsites.net"
SHOW = "eventgrid system-topic event-subscription show"
LIST = "eventgrid system-topic event-subscription list"


def target() -> Target:
    return Target(URL, app="drivecast", resource_group="rg-drivecast")


def test_a_healthy_subscription(account: RunningAzurite, replay_cli: ReplayCli) -> None:
    replay_cli(healthy(URL))
    assert check_system_topic(target()).message == "evgt-devstoreaccount1"
    assert check_subscription(target()).state == "ok"


def test_a_topic_of_another_account_or_half_made(account: RunningAzurite, replay_cli: ReplayCli) -> None:
    answers = healthy(URL)
    (topic,) = answers["eventgrid system-topic list"]
    topic["provisioningState"] = "Failed"
    replay_cli(answers)
    assert re.match(r"evgt-devstoreaccount1 .*\bFailed$", check_system_topic(target()).message)
    topic["source"] += "2"
    replay_cli(answers)
    with pytest.raises(OpsError, match=r"\bdevstoreaccount1\b.*\brg-drivecast\b"):
        check_system_topic(target())


@pytest.mark.parametrize(
    ("change", "reported"),
    [
        ({"provisioningState": "AwaitingManualAction"}, "AwaitingManualAction"),
        ({"expirationTimeUtc": "2020-01-01T00:00:00+00:00"}, "2020-01-01"),
        ({"deadLetterWithResourceIdentity": None}, "dead-letter"),
        ({"filter": {**FILTER, "subjectEndsWith": ".csv"}}, "site/day.csv.gz"),
        ({"destination": subscription(URL, key="rotated")["destination"]}, " key"),
    ],
)
def test_a_subscription_that_does_not_deliver(
    account: RunningAzurite, replay_cli: ReplayCli, change: dict[str, Any], reported: str
) -> None:
    answers = healthy(URL)
    answers[SHOW] |= change
    replay_cli(answers)
    found = check_subscription(target())
    assert found.state == "failed"
    assert reported in found.message
    assert KEY not in found.message
    assert "rotated" not in found.message


def test_a_subscription_to_another_app_is_none(account: RunningAzurite, replay_cli: ReplayCli) -> None:
    replay_cli(healthy("https://old-app.azurewebsites.net"))
    found = check_subscription(target())
    assert found.state == "failed"


@pytest.mark.parametrize(("queue", "state"), [("telemetry-events", "ok"), ("another", "failed")])
def test_an_app_that_event_grid_cannot_reach_is_told_by_queue(
    account: RunningAzurite, replay_cli: ReplayCli, queue: str, state: str
) -> None:
    answers = healthy(URL)
    (listed,) = answers[LIST]
    listed["destination"] = None
    listed["deliveryWithResourceIdentity"] = {
        "destination": {"endpointType": "StorageQueue", "queueName": queue}
    }
    replay_cli(answers)
    assert check_subscription(target()).state == state


@pytest.mark.parametrize(
    ("address", "reported"),
    [
        (f"{URL}/api/blobs?functionName=Host.Functions.score_telemetry&code=k", " /api/blobs"),
        (f"{URL}/runtime/webhooks/blobs?code=k", "'none'"),
        (
            f"{URL}/runtime/webhooks/blobs?functionName=score_telemetry&code=k",
            "'score_tele",
        ),
        ("", " /,"),
    ],
)
def test_a_wrong_address(address: str, reported: str) -> None:
    assert reported in "; ".join(address_faults(address, "k"))


def test_a_right_address() -> None:
    address = subscription(URL)["destination"]["endpointUrl"]
    assert address_faults(address, KEY) == []
    assert address_faults(address, None) == [], "without a key to compare with, none is called old"
