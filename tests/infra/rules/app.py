"""The plan and the app: Flex Consumption, Python 3.13, HTTPS and TLS 1.2, one identity, no password."""

from __future__ import annotations

from typing import Any

from tests.infra.bicep import Infra

SITE = {"httpsOnly": True, "publicNetworkAccess": "private ? 'Disabled' : 'Enabled'"}
SITE_CONFIG = {
    "minTlsVersion": "1.2",
    "scmMinTlsVersion": "1.2",
    "ftpsState": "Disabled",
    "remoteDebuggingEnabled": False,
}
SCALE = {
    "instanceMemoryMB": "scale.instanceMemoryMB",
    "maximumInstanceCount": "scale.maximumInstanceCount",
    "triggers": {"http": {"perInstanceConcurrency": "scale.httpConcurrency"}},
}


def _wrong(what: str, found: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    return [
        f"{what}: {name} is {found.get(name)!r}, expected {value!r}"
        for name, value in wanted.items()
        if found.get(name) != value
    ]


def app_runs_on_flex_consumption(infra: Infra) -> list[str]:
    """FC1, Linux, Python 3.13, scale by parameters, package from the container app-package."""
    sheet = infra.sheets["modules/app.bicep"]
    plan, app = sheet.one("resource", "plan").body, sheet.one("resource", "app").body
    config = app["properties"]["functionAppConfig"]
    faults = _wrong("plan", plan["sku"], {"name": "FC1", "tier": "FlexConsumption"})
    faults += _wrong("plan", plan["properties"], {"reserved": True, "zoneRedundant": "zoneRedundant"})
    faults += _wrong("app", app, {"kind": "functionapp,linux"})
    faults += _wrong("runtime", config["runtime"], {"name": "python", "version": "3.13"})
    faults += _wrong("scale", config["scaleAndConcurrency"], SCALE)
    if "scale.alwaysReadyHttp" not in str(config["scaleAndConcurrency"].get("alwaysReady")):
        faults.append("scale: alwaysReady does not come from the parameter")
    faults += _wrong("update", config.get("siteUpdateStrategy", {}), {"type": "scale.updateStrategy"})
    faults += _wrong(
        "package",
        config["deployment"]["storage"],
        {
            "type": "blobContainer",
            "value": "${account.properties.primaryEndpoints.blob}${containers.appPackage}",
            "authentication": {
                "type": "UserAssignedIdentity",
                "userAssignedIdentityResourceId": "identityId",
            },
        },
    )
    return faults


def app_is_reached_safely(infra: Infra) -> list[str]:
    """HTTPS only, TLS 1.2, no FTP, no publishing password, one user-assigned identity."""
    sheet = infra.sheets["modules/app.bicep"]
    app = sheet.one("resource", "app").body
    faults = _wrong("app", app["properties"], SITE)
    faults += _wrong("app", app["properties"]["siteConfig"], SITE_CONFIG)
    if app.get("identity") != {"type": "UserAssigned", "userAssignedIdentities": {"${identityId}": {}}}:
        faults.append(f"app: identity is {app.get('identity')}, expected the user-assigned one")
    allowed = {
        resource.body["name"]: resource.body["properties"]["allow"]
        for _, resource in infra.resources("Microsoft.Web/sites/basicPublishingCredentialsPolicies")
    }
    if allowed != {"ftp": False, "scm": False}:
        faults.append(f"publishing passwords: {allowed}, expected both off")
    return faults


def entra_lets_health_and_events_through(infra: Infra) -> list[str]:
    """With Entra ID in front, Event Grid still gets in and health still answers; all others get 401."""
    settings = infra.sheets["modules/authentication.bicep"].one("resource", "settings").body["properties"]
    return _wrong(
        "authentication",
        settings["globalValidation"],
        {
            "requireAuthentication": True,
            "unauthenticatedClientAction": "Return401",
            "excludedPaths": ["/api/health", "/runtime/webhooks/blobs"],
        },
    )
