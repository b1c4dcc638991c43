"""App settings: those of the code, those of the platform, and none that Flex Consumption no longer takes."""

from __future__ import annotations

from functions.platform_settings import HOME_PAGE, PLATFORM_SETTINGS
from functions.settings import BLOB_TRIGGER_SOURCE, SETTINGS
from tests.infra.bicep import Infra

PRODUCTION: dict[str, str] = {}
"""Settings whose production value is not the code's default."""

PLATFORM = {
    "AzureWebJobsStorage__credential": "'managedidentity'",
    "AzureWebJobsStorage__clientId": "identityClientId",
    "AzureWebJobsStorage__blobServiceUri": "account.properties.primaryEndpoints.blob",
    "AzureWebJobsStorage__queueServiceUri": "account.properties.primaryEndpoints.queue",
    "AzureWebJobsStorage__tableServiceUri": "account.properties.primaryEndpoints.table",
    "APPLICATIONINSIGHTS_CONNECTION_STRING": "component.properties.ConnectionString",
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING": "ClientId=${identityClientId};Authorization=AAD",
}
"""What the host needs, and where its value comes from."""

GONE_ON_FLEX = {
    "ENABLE_ORYX_BUILD",
    "FUNCTIONS_EXTENSION_VERSION",
    "FUNCTIONS_WORKER_PROCESS_COUNT",
    "FUNCTIONS_WORKER_RUNTIME",
    "FUNCTIONS_WORKER_RUNTIME_VERSION",
    "SCM_DO_BUILD_DURING_DEPLOYMENT",
    "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING",
    "WEBSITE_CONTENTSHARE",
    "WEBSITE_MAX_DYNAMIC_APPLICATION_SCALE_OUT",
    "WEBSITE_NODE_DEFAULT_VERSION",
    "WEBSITE_RUN_FROM_PACKAGE",
    "WEBSITE_SKIP_CONTENTSHARE_VALIDATION",
    "WEBSITE_USE_PLACEHOLDER",
    "WEBSITE_VNET_ROUTE_ALL",
    "alwaysOn",
    "functionAppScaleLimit",
    "healthCheckPath",
    "linuxFxVersion",
    "minimumElasticInstanceCount",
    "preWarmedInstanceCount",
    "pythonVersion",
    "vnetRouteAllEnabled",
}
"""Deprecated or ignored on Flex Consumption; some stop an app from starting."""


def settings_are_the_codes(infra: Infra) -> list[str]:
    """Compare app-settings.bicep with functions/settings.py and platform_settings.py, one to one."""
    found = infra.table("modules/app-settings.bicep", "appSettings")
    wanted = {setting.name: PRODUCTION.get(setting.name, setting.default) for setting in SETTINGS}
    wanted |= {setting.name: setting.value for setting in PLATFORM_SETTINGS}
    faults = [f"app-settings.bicep has no {name}" for name in wanted if name not in found]
    faults += [
        f"{name} in app-settings.bicep is no setting of functions/settings.py or platform_settings.py"
        for name in found
        if name not in wanted
    ]
    for name in wanted.keys() & found.keys():
        if found[name] != wanted[name]:
            faults.append(f"{name} is {found[name]!r}, expected {wanted[name]!r}")
    return faults


def every_setting_can_be_chosen(infra: Infra) -> list[str]:
    """Compare the type of `settings` with functions/settings.py."""
    members = infra.sheets["modules/app-settings.bicep"].one("type", "appSettingChoices").value
    names = [*(each.name for each in SETTINGS), *(each.name for each in PLATFORM_SETTINGS)]
    wanted = {name: "string?" for name in names if name not in (BLOB_TRIGGER_SOURCE.name, HOME_PAGE.name)}
    return [] if members == wanted else [f"appSettingChoices has {members}, expected {wanted}"]


def platform_settings_are_complete(infra: Infra) -> list[str]:
    """Compare what the host gets with the table."""
    found = infra.table("modules/app.bicep", "platformSettings")
    wanted = {name: value.strip("'") for name, value in PLATFORM.items()}
    faults = [f"platform setting {name} is {found.get(name)!r}, expected {wanted.get(name)!r}"
              for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name)]  # fmt: skip
    given = (
        infra.sheets["modules/app.bicep"]
        .one("resource", "app")
        .body["properties"]["siteConfig"]["appSettings"]
    )
    every = "map(items(union(appSettings, settings, platformSettings)), setting =>"
    if not str(given).startswith(every):
        faults.append(f"the app's settings are {given}, expected {every} …")
    return faults


def nothing_flex_no_longer_takes(infra: Infra) -> list[str]:
    """Look for names that Flex Consumption deprecates, as keys and in setting lists."""
    return [
        f"{file} sets {name}, which Flex Consumption does not take"
        for file, sheet in infra.sheets.items()
        for name in sorted(GONE_ON_FLEX)
        if name in sheet.keys or f"'{name}'" in sheet.source
    ]
