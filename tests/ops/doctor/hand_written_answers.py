"""Answers of the Azure CLI for a healthy deployment: HAND-WRITTEN, never recorded.

There is no subscription to record from here. The shapes follow what Microsoft publishes:

- functionapp show (a Flex Consumption app is described as the REST API does): Web Apps - Get,
  https://learn.microsoft.com/rest/api/appservice/web-apps/get
- resource show (of authsettingsV2): Web Apps - Get Auth Settings V2 Without Secrets, the same API;
- functionapp config appsettings list, keys list, function list:
  https://learn.microsoft.com/cli/azure/functionapp and
  https://learn.microsoft.com/rest/api/appservice/web-apps/list-host-keys, .../list-functions
- storage account show, container-rm list: https://learn.microsoft.com/rest/api/storagerp
- role assignment list: https://learn.microsoft.com/azure/role-based-access-control/role-assignments-list-cli
- eventgrid system-topic list, event-subscription list and show:
  https://learn.microsoft.com/rest/api/eventgrid/controlplane/system-topic-event-subscriptions/get, in the
  flat form the CLI prints
- monitor metrics list: https://learn.microsoft.com/rest/api/monitor/metrics/list

Fields that nothing here reads are left out. Azurite takes the part of the storage account, devhost that of
the app.
"""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000000"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-drivecast"
ACCOUNT_ID = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/devstoreaccount1"
ROLES = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions"
CLIENT_ID = "11111111-1111-1111-1111-111111111111"
PRINCIPAL_ID = "22222222-2222-2222-2222-222222222222"
KEY = "system-key-of-the-tests"

BLOB_OWNER = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"
QUEUE_CONTRIBUTOR = "974c5e8b-45b9-4653-ba55-5f855dd0fb88"

SETTINGS = {
    "AzureWebJobsStorage__credential": "managedidentity",
    "AzureWebJobsStorage__clientId": CLIENT_ID,
    "AzureWebJobsStorage__blobServiceUri": "https://devstoreaccount1.blob.core.windows.net/",
    "AzureWebJobsStorage__queueServiceUri": "https://devstoreaccount1.queue.core.windows.net/",
    "APPLICATIONINSIGHTS_CONNECTION_STRING": (
        "InstrumentationKey=00000000-0000-0000-0000-000000000000;ApplicationId=33333333-3333-3333-3333-333333333333"
    ),
    "BLOB_TRIGGER_SOURCE": "EventGrid",
    "MODEL": "champion",
}

FILTER: dict[str, Any] = {
    "advancedFilters": [
        {
            "key": "subject",
            "operatorType": "StringEndsWith",
            "values": [".csv", ".csv.gz", ".json", ".json.gz"],
        },
        {
            "key": "data.api",
            "operatorType": "StringIn",
            "values": ["PutBlob", "PutBlockList", "CopyBlob", "FlushWithClose"],
        },
    ],
    "enableAdvancedFilteringOnArrays": None,
    "includedEventTypes": ["Microsoft.Storage.BlobCreated"],
    "isSubjectCaseSensitive": False,
    "subjectBeginsWith": "/blobServices/default/containers/telemetry/blobs/",
    "subjectEndsWith": "",
}
"""As infra/eventgrid.bicep deploys it."""

CONTAINERS = (
    "telemetry",
    "predictions",
    "runs",
    "history",
    "models",
    "app-package",
    "dead-letter",
    "given-up",
)


def function(name: str, **trigger: Any) -> dict[str, Any]:
    """Describe a function as the control plane does."""
    return {"name": f"drivecast/{name}", "config": {"name": name, "bindings": [trigger]}}


def subscription(url: str, *, key: str = KEY) -> dict[str, Any]:
    """Describe the subscription to the web hook of the app at an address, in full."""
    base = f"{url}/runtime/webhooks/blobs"
    return {
        "name": "telemetry-to-webhook",
        "provisioningState": "Succeeded",
        "expirationTimeUtc": None,
        "deadLetterDestination": None,
        "deadLetterWithResourceIdentity": {"deadLetterDestination": {"endpointType": "StorageBlob"}},
        "destination": {
            "endpointType": "WebHook",
            "endpointBaseUrl": base,
            "endpointUrl": f"{base}?functionName=Host.Functions.score_telemetry&code={key}",
        },
        "filter": FILTER,
    }


def metric(name: str, total: float, hours_ago: int = 1) -> dict[str, Any]:
    """Describe a metric that counted once."""
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours_ago)
    points = [
        {"timeStamp": (hour - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ"), "total": 0.0},
        {"timeStamp": hour.strftime("%Y-%m-%dT%H:%M:%SZ"), "total": total},
    ]
    return {"name": {"value": name, "localizedValue": name}, "timeseries": [{"data": points}]}


def healthy(url: str) -> dict[str, Any]:
    """Return the answers for an app at an address, by the command's words; free to be changed."""
    show = subscription(url)
    listed = copy.deepcopy(show)
    listed["destination"]["endpointUrl"] = None  # what only --include-full-endpoint-url gives
    identity = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-drivecast"
    answers = {
        "functionapp show": {
            "name": "drivecast",
            "identity": {
                "type": "UserAssigned",
                "userAssignedIdentities": {identity: {"clientId": CLIENT_ID, "principalId": PRINCIPAL_ID}},
            },
            "properties": {"defaultHostName": urlsplit(url).netloc, "state": "Running"},
        },
        "functionapp config appsettings list": [
            {"name": name, "slotSetting": False, "value": value} for name, value in SETTINGS.items()
        ],
        "resource show": {"name": "authsettingsV2", "properties": {"platform": {"enabled": False}}},
        "functionapp keys list": {
            "functionKeys": {"default": "function-key-of-the-tests"},
            "masterKey": "master-key-of-the-tests",
            "systemKeys": {"blobs_extension": KEY},
        },
        "functionapp function list": [
            function(
                "score_telemetry",
                type="blobTrigger",
                path="telemetry/{name}",
                source="EventGrid",
                connection="AzureWebJobsStorage",
            ),
            function("score_range", type="queueTrigger", queueName="telemetry-ranges"),
            function("score_event", type="queueTrigger", queueName="telemetry-events"),
            function("give_up_file", type="queueTrigger", queueName="webjobs-blobtrigger-poison"),
            function("give_up_event", type="queueTrigger", queueName="telemetry-events-poison"),
            function("give_up_range", type="queueTrigger", queueName="telemetry-ranges-poison"),
            function("predict", type="httpTrigger", route="predict", methods=["POST"]),
            function("health", type="httpTrigger", route="health", methods=["GET"]),
        ],
        "storage account show": {"id": ACCOUNT_ID, "name": "devstoreaccount1"},
        "storage container-rm list": [{"name": name, "publicAccess": "None"} for name in CONTAINERS],
        "role assignment list": [
            {
                "principalId": PRINCIPAL_ID,
                "roleDefinitionId": f"{ROLES}/{role}",
                "scope": ACCOUNT_ID,
            }
            for role in (BLOB_OWNER, QUEUE_CONTRIBUTOR)
        ],
        "eventgrid system-topic list": [
            {
                "id": f"{GROUP}/providers/Microsoft.EventGrid/systemTopics/evgt-devstoreaccount1",
                "name": "evgt-devstoreaccount1",
                "provisioningState": "Succeeded",
                "source": ACCOUNT_ID,
                "topicType": "microsoft.storage.storageaccounts",
            }
        ],
        "eventgrid system-topic event-subscription list": [listed],
        "eventgrid system-topic event-subscription show": show,
        "monitor metrics list": {
            "interval": "PT1H",
            "value": [
                metric("MatchedEventCount", 2.0),
                metric("DeliverySuccessCount", 2.0),
                {"name": {"value": "DeliveryAttemptFailCount"}, "timeseries": []},
            ],
        },
    }
    return copy.deepcopy(answers)
