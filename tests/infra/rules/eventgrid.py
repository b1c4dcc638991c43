"""The subscription: the right blobs, the right address, and a place for what cannot be delivered."""

from __future__ import annotations

from tests.infra.bicep import Infra

SUBSCRIPTIONS = "Microsoft.EventGrid/systemTopics/eventSubscriptions"
UPLOADS = ["PutBlob", "PutBlockList", "CopyBlob", "FlushWithClose"]


def filters_are_exact(infra: Infra) -> list[str]:
    """BlobCreated, of finished uploads, in the container telemetry and no other."""
    found = infra.sheets["eventgrid.bicep"].one("var", "uploads").value
    faults = []
    prefix = infra.names(found["subjectBeginsWith"])
    if prefix != "/blobServices/default/containers/telemetry/blobs/":
        faults.append(f"subject begins with {prefix}")
    if found["includedEventTypes"] != ["Microsoft.Storage.BlobCreated"]:
        faults.append(f"event types are {found['includedEventTypes']}")
    if found.get("isSubjectCaseSensitive") is not False:
        faults.append("a file named .CSV would be passed over")
    apis = next((f for f in found["advancedFilters"] if f["key"] == "data.api"), None)
    if apis != {"operatorType": "StringIn", "key": "data.api", "values": UPLOADS}:
        faults.append(f"data.api is {apis}, expected {UPLOADS}")
    return faults


def nothing_undelivered_is_lost(infra: Infra) -> list[str]:
    """Every subscription has the filter, retries, and dead-letters with the identity."""
    sheet = infra.sheets["eventgrid.bicep"]
    faults = []
    found = list(infra.resources(SUBSCRIPTIONS))
    if {resource.name for _, resource in found} != {"toWebhook", "toQueue"}:
        faults.append(f"subscriptions are {[resource.name for _, resource in found]}")
    for file, subscription in found:
        properties = subscription.body["properties"]
        for part, wanted in {
            "filter": "uploads",
            "retryPolicy": "retryPolicy",
            "deadLetterWithResourceIdentity": "deadLetter",
        }.items():
            if properties.get(part) != wanted:
                faults.append(f"{file}: {subscription.name} has no {part}")
    dead = sheet.one("var", "deadLetter").value
    if dead["deadLetterDestination"]["properties"].get("blobContainerName") != "containers.deadLetter":
        faults.append("dead letters do not go into the container dead-letter")
    if dead["identity"] != {"type": "UserAssigned", "userAssignedIdentity": "identity.id"}:
        faults.append("dead letters are not written with the identity")
    return faults


def destinations_are_right(infra: Infra) -> list[str]:
    """The blobs web-hook of the function, or the queue, with the identity."""
    sheet = infra.sheets["eventgrid.bicep"]
    hook = sheet.one("resource", "toWebhook").body["properties"]["destination"]["properties"]
    start = (
        "https://${app.properties.defaultHostName}/runtime/webhooks/blobs"
        "?functionName=Host.Functions.${functionName}&code=${webhookKey}"
    )
    faults = [] if hook["endpointUrl"] == start else [f"the web-hook is {hook['endpointUrl']}"]
    if ".systemKeys.blobs_extension" not in str(sheet.one("var", "webhookKey").value):
        faults.append("the web-hook's key is not blobs_extension")
    delivery = sheet.one("resource", "toQueue").body["properties"]["deliveryWithResourceIdentity"]
    if delivery["identity"] != {"type": "UserAssigned", "userAssignedIdentity": "identity.id"}:
        faults.append("the queue is not written to with the identity")
    if delivery["destination"]["properties"].get("queueName") != "queues.telemetryEvents":
        faults.append("events for a private app do not go into the queue telemetry-events")
    return faults


def event_delivery_comes_after_the_code(infra: Infra) -> list[str]:
    """Only eventgrid.bicep has resources of Event Grid, and nothing calls it."""
    faults = [
        f"{file}: {resource.name} belongs into eventgrid.bicep"
        for file, sheet in infra.sheets.items()
        for resource in sheet.of("resource")
        if resource.resource_type.startswith("Microsoft.EventGrid/") and file != "eventgrid.bicep"
    ]
    called = [module.type for sheet in infra.sheets.values() for module in sheet.of("module")]
    return faults + [
        f"{module} is called before the code is there" for module in called if "eventgrid" in module
    ]
