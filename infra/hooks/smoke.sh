#!/bin/sh
# Ask the deployed app for a forecast, and let it score a small file. Right after a first deployment roles and keys are
# still on their way, and are waited for. The function key is fetched, used, and shown nowhere.
set -eu
cd -- "$(dirname -- "$0")/../.."

: "${AZURE_RESOURCE_GROUP:?is not set: it is an output of infra/main.bicep}"
: "${DRIVECAST_APP:?is not set: it is an output of infra/main.bicep}"
: "${DRIVECAST_STORAGE:?is not set: it is an output of infra/main.bicep}"

if [ ! -x .venv/bin/python ]; then
    echo ".venv is not there: run \`make install\`, then this again." >&2
    exit 1
fi

exec .venv/bin/python -m ops smoke --wait "${SMOKE_WAIT:-600}" \
    --app "$DRIVECAST_APP" --resource-group "$AZURE_RESOURCE_GROUP" --account "$DRIVECAST_STORAGE"
