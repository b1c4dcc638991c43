"""What Azure would say, written by hand after Microsoft's reference: nothing was ever deployed from here."""

from __future__ import annotations

from typing import Any

OUTPUTS = {
    "AZURE_RESOURCE_GROUP": "rg-drivecast-test",
    "DRIVECAST_APP": "func-drivecast-test",
    "DRIVECAST_URL": "https://func-drivecast-test.example",
    "DRIVECAST_STORAGE": "stdrivecasttest",
    "DRIVECAST_EVENTS_IDENTITY": "id-drivecast-test-events",
    "DRIVECAST_WORKSPACE": "log-drivecast-test",
    "DRIVECAST_ACTION_GROUP": "ag-drivecast-test",
    "DRIVECAST_DELIVERY": "webhook",
    "DRIVECAST_STORAGE_NETWORK": "public",
}
"""Of main.bicep."""


TAGS = {"azd-env-name": "test", "application": "drivecast"}

GROUP = {"name": OUTPUTS["AZURE_RESOURCE_GROUP"], "tags": TAGS}

RESOURCES: list[dict[str, Any]] = [
    {"type": kind, "name": name, "tags": TAGS}
    for kind, name in [
        ("Microsoft.Web/serverFarms", "plan-drivecast-test"),
        ("Microsoft.Web/sites", OUTPUTS["DRIVECAST_APP"]),
        ("Microsoft.Storage/storageAccounts", OUTPUTS["DRIVECAST_STORAGE"]),
        ("Microsoft.ManagedIdentity/userAssignedIdentities", "id-drivecast-test-app"),
        ("Microsoft.ManagedIdentity/userAssignedIdentities", OUTPUTS["DRIVECAST_EVENTS_IDENTITY"]),
        ("Microsoft.OperationalInsights/workspaces", OUTPUTS["DRIVECAST_WORKSPACE"]),
        # As Azure writes this type in lists.
        ("microsoft.insights/actiongroups", OUTPUTS["DRIVECAST_ACTION_GROUP"]),
    ]
] + [
    # Application Insights makes this one by itself, without a tag.
    {"type": "microsoft.insights/actiongroups", "name": "Application Insights Smart Detection", "tags": None}
]

SITE: dict[str, Any] = {
    "name": OUTPUTS["DRIVECAST_APP"],
    "properties": {
        "defaultHostName": OUTPUTS["DRIVECAST_URL"].removeprefix("https://"),
        "publicNetworkAccess": "Enabled",
    },
}
"""An app on Flex Consumption, as the REST API describes it."""

TOKEN = {"accessToken": "the token", "expires_on": 4102444800, "expiresOn": "2100-01-01 00:00:00.000000"}
"""`az account get-access-token`, as azure-cli 2.91 writes it."""

ANSWERS: dict[str, Any] = {
    "account get-access-token": TOKEN,
    "account show": {"id": "1", "name": "Test subscription", "user": {"name": "a@b.example", "type": "user"}},
    "ad signed-in-user show": "11111111-1111-1111-1111-111111111111",
    "deployment sub what-if": "Resource changes: 1 to create.",
    "deployment sub create": {"properties": {"provisioningState": "Succeeded"}},
    "deployment sub delete": {},
    "deployment group create": {},
    "functionapp deployment source config-zip": {"status": 4, "complete": True},
    "functionapp config appsettings list": [{"name": "MODELS_SOURCE", "value": "package"}],
    "functionapp keys list": True,
    "functionapp show": SITE,
    "group list": [GROUP],
    "group show": GROUP["tags"],
    "group delete": {},
    "resource list": RESOURCES,
    "storage account show": {"name": OUTPUTS["DRIVECAST_STORAGE"], "publicNetworkAccess": "Enabled"},
    "resource show": {"properties": {"platform": {"enabled": False}}},
}

NOT_DEPLOYED: dict[str, Any] = {"group list": []}
"""What there is of an environment that was never deployed."""

OTHER_PROJECT = {"name": "rg-shop-test", "tags": {"azd-env-name": "test"}}
"""The group of another project that azd deployed under the same name."""
