"""Identities only: no key, password or connection string is asked for, set or put out."""

from __future__ import annotations

import re

from tests.infra.bicep import Infra

ALLOWED = {
    ("eventgrid.bicep", "listKeys("),  # the web-hook's key, which Event Grid alone gets; see infra/README.md
}
FETCHED = re.compile(r"\blist\w*\(|\bgetSecret\(|AccountKey=|SharedAccess|DefaultEndpointsProtocol|[?&]sig=")
SECRET_NAME = re.compile(r"(?i)key|secret|password|connection_?string|token|sas$|pwd")
ADDRESS_ONLY = {
    "APPLICATIONINSIGHTS_CONNECTION_STRING",  # where traces go; without a token it lets nobody in
}


KEPT_ELSEWHERE = {
    "LOG_HASH_KEY",  # empty here; a deployment that wants one gives a Key Vault reference
}


def no_key_is_fetched(infra: Infra) -> list[str]:
    """`list…()` and written-out connection strings are found; one use is known and allowed once."""
    faults = []
    for file, sheet in infra.sheets.items():
        code = "\n".join(line for line in sheet.source.splitlines() if not line.strip().startswith("//"))
        uses = FETCHED.findall(code)
        allowed = [use for use in uses if (file, use) in ALLOWED]
        faults += [f"{file} has {use}" for use in uses if (file, use) not in ALLOWED]
        if len(allowed) > 1:
            faults.append(f"{file} fetches a key {len(allowed)} times, expected once")
    return faults


def no_setting_is_a_secret(infra: Infra) -> list[str]:
    """Setting names that sound like a secret are none, but for the table."""
    found = {
        **infra.table("modules/app-settings.bicep", "appSettings"),
        **infra.table("modules/app.bicep", "platformSettings"),
    }
    faults = [
        f"setting {name} sounds like a secret"
        for name, value in found.items()
        if SECRET_NAME.search(name)
        and name not in ADDRESS_ONLY
        and not (name in KEPT_ELSEWHERE and value == "")
    ]
    if "AzureWebJobsStorage" in found:
        faults.append("AzureWebJobsStorage is a connection string; expected AzureWebJobsStorage__…")
    return faults


def no_output_or_parameter_is_a_secret(infra: Infra) -> list[str]:
    """Outputs and parameters neither are secrets nor are called so."""
    faults = []
    for file, sheet in infra.sheets.items():
        faults += [
            f"{file}: output {output.name} = {output.value} sounds like a secret"
            for output in sheet.of("output")
            if SECRET_NAME.search(output.name) or SECRET_NAME.search(str(output.value))
        ]
        faults += [
            f"{file}: parameter {parameter.name} sounds like a secret"
            for parameter in sheet.of("param")
            if SECRET_NAME.search(parameter.name) and parameter.type != "bool"
        ]
        if "@secure()" in sheet.source:
            faults.append(f"{file} takes a secure parameter; nothing here needs one")
    return faults


def local_authentication_is_off(infra: Infra) -> list[str]:
    """Log Analytics, Application Insights, the vault and the package's container take tokens only."""
    monitoring = infra.sheets["modules/monitoring.bicep"]
    checks = {
        "Application Insights": monitoring.one("resource", "component")
        .body["properties"]
        .get("DisableLocalAuth"),
        "Log Analytics": monitoring.one("resource", "workspace")
        .body["properties"]["features"]
        .get("disableLocalAuth"),
        "Key Vault": infra.sheets["modules/key-vault.bicep"]
        .one("resource", "vault")
        .body["properties"]
        .get("enableRbacAuthorization"),
    }
    return [f"{name} takes keys" for name, off in checks.items() if off is not True]
