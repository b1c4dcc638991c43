#!/bin/sh
# Ask the deployed app for a forecast, and let it score a small file. The function key is fetched, used, and shown nowhere.
set -eu
cd -- "$(dirname -- "$0")/../.."

: "${AZURE_RESOURCE_GROUP:?is not set: it is an output of infra/main.bicep}"
: "${DRIVECAST_APP:?is not set: it is an output of infra/main.bicep}"
: "${DRIVECAST_URL:?is not set: it is an output of infra/main.bicep}"
: "${DRIVECAST_STORAGE:?is not set: it is an output of infra/main.bicep}"

if [ ! -x .venv/bin/python ]; then
    echo ".venv is not there: run \`make install\`, then this again." >&2
    exit 1
fi

DRIVECAST_KEY=$(az functionapp keys list --resource-group "$AZURE_RESOURCE_GROUP" --name "$DRIVECAST_APP" \
    --query functionKeys.default --output tsv)
export DRIVECAST_KEY
exec .venv/bin/python -m ops smoke --url "$DRIVECAST_URL" --storage "$DRIVECAST_STORAGE"
