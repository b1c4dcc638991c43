#!/bin/sh
# Tell Event Grid of the app: deploy infra/eventgrid.bicep with what main.bicep put out. Can be run again at any time.
set -eu
cd -- "$(dirname -- "$0")/../.."

: "${AZURE_RESOURCE_GROUP:?is not set: it is an output of infra/main.bicep (az deployment sub show, or azd env get-values)}"
: "${DRIVECAST_APP:?is not set: it is an output of infra/main.bicep}"
: "${DRIVECAST_STORAGE:?is not set: it is an output of infra/main.bicep}"
: "${DRIVECAST_EVENTS_IDENTITY:?is not set: it is an output of infra/main.bicep}"
: "${DRIVECAST_WORKSPACE:?is not set: it is an output of infra/main.bicep}"
: "${DRIVECAST_ACTION_GROUP:?is not set: it is an output of infra/main.bicep}"

TRIES=${EVENT_GRID_TRIES:-20}
PAUSE=${EVENT_GRID_PAUSE:-15}

if ! command -v az >/dev/null 2>&1; then
    echo "az was not found: install the Azure CLI (https://aka.ms/azure-cli), sign in with \`az login\`, run this again." >&2
    exit 1
fi

# The key appears when the host has indexed the blob-triggered function, a while after the deployment has ended. Only
# whether it is there is looked at; the template reads the key itself.
if [ "${DRIVECAST_DELIVERY:-webhook}" = webhook ]; then
    echo "waiting for the web-hook of $DRIVECAST_APP"
    count=0
    until [ "$(az functionapp keys list --resource-group "$AZURE_RESOURCE_GROUP" --name "$DRIVECAST_APP" \
        --query "systemKeys.blobs_extension != null" --output tsv 2>/dev/null)" = true ]; do
        count=$((count + 1))
        if [ "$count" -ge "$TRIES" ]; then
            echo "$DRIVECAST_APP has no key blobs_extension after $TRIES tries: the host has not indexed score_telemetry." \
                "Is the code deployed? See the log: az webapp log tail -g $AZURE_RESOURCE_GROUP -n $DRIVECAST_APP" >&2
            exit 1
        fi
        sleep "$PAUSE"
    done
fi

echo "deploying infra/eventgrid.bicep"
az deployment group create \
    --resource-group "$AZURE_RESOURCE_GROUP" \
    --name drivecast-eventgrid \
    --template-file infra/eventgrid.bicep \
    --parameters \
    appName="$DRIVECAST_APP" \
    accountName="$DRIVECAST_STORAGE" \
    eventsIdentityName="$DRIVECAST_EVENTS_IDENTITY" \
    workspaceName="$DRIVECAST_WORKSPACE" \
    actionGroupName="$DRIVECAST_ACTION_GROUP" \
    delivery="${DRIVECAST_DELIVERY:-webhook}" \
    --output none
echo "Event Grid tells $DRIVECAST_APP of new telemetry"
