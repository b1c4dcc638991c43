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
}
"""Of main.bicep."""


def as_azure_writes(outputs: dict[str, str]) -> dict[str, Any]:
    """Return outputs as `az deployment sub show` does: the letters before the first break are small."""

    def spoiled(name: str) -> str:
        first, _, rest = name.partition("_")
        return f"{first[:-1].lower()}{first[-1]}_{rest}"

    return {spoiled(name): {"type": "String", "value": value} for name, value in outputs.items()}


ANSWERS: dict[str, Any] = {
    "account show": {"id": "1", "name": "Test subscription", "user": {"name": "a@b.example", "type": "user"}},
    "ad signed-in-user show": "11111111-1111-1111-1111-111111111111",
    "deployment sub what-if": "Resource changes: 1 to create.",
    "deployment sub create": {"properties": {"provisioningState": "Succeeded"}},
    "deployment sub show": as_azure_writes(OUTPUTS),
    "deployment sub delete": {},
    "deployment group create": {},
    "functionapp deployment source config-zip": {"status": 4, "complete": True},
    "functionapp config appsettings list": [{"name": "MODELS_SOURCE", "value": "package"}],
    "functionapp keys list": True,
    "group show": {"name": "rg-drivecast-test", "tags": {"azd-env-name": "test"}},
    "group delete": {},
    "resource list": [{"type": "Microsoft.Web/sites", "name": "func-drivecast-test"}],
}

NOT_DEPLOYED = {
    "error": "ERROR: (DeploymentNotFound) Deployment 'drivecast-test' could not be found.",
}
"""`az deployment sub show` for an environment that was never deployed."""
