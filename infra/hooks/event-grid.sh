#!/bin/sh
# Tell Event Grid of the app: deploy infra/eventgrid.bicep with what main.bicep put out. Can be run again at any time.
# Right after a first deployment the web-hook's key, and the roles of Event Grid's identity, are still on their way.
set -eu
cd -- "$(dirname -- "$0")/../.."

: "${AZURE_RESOURCE_GROUP:?is not set: it is an output of infra/main.bicep (make deploy, or azd env get-values)}"
: "${DRIVECAST_APP:?is not set: it is an output of infra/main.bicep}"
: "${DRIVECAST_STORAGE:?is not set: it is an output of infra/main.bicep}"
: "${DRIVECAST_EVENTS_IDENTITY:?is not set: it is an output of infra/main.bicep}"
: "${DRIVECAST_WORKSPACE:?is not set: it is an output of infra/main.bicep}"
: "${DRIVECAST_ACTION_GROUP:?is not set: it is an output of infra/main.bicep}"

# Ten minutes, as long as Azure says that a role may take, for each thing that is waited for. A try that has begun is
# let end, so what one takes may come on top.
WAIT=${EVENT_GRID_WAIT:-600}
PAUSE=${EVENT_GRID_PAUSE:-15}

# is_over END: whether no other try may begin, after a pause, before END.
is_over() {
    [ "$(($(date +%s) + PAUSE))" -ge "$1" ]
}

LOGS="python -m ops logs --app $DRIVECAST_APP --resource-group $AZURE_RESOURCE_GROUP"

if ! command -v az >/dev/null 2>&1; then
    echo "az was not found: install the Azure CLI (https://aka.ms/azure-cli), sign in with \`az login\`, run this again." >&2
    exit 1
fi

# The key appears when the host has indexed the blob-triggered function, a while after the deployment has ended. Only
# whether it is there is looked at; the template reads the key itself.
if [ "${DRIVECAST_DELIVERY:-webhook}" = webhook ]; then
    echo "waiting for the web-hook of $DRIVECAST_APP; no try begins after $WAIT s"
    end=$(($(date +%s) + WAIT))
    until [ "$(az functionapp keys list --resource-group "$AZURE_RESOURCE_GROUP" --name "$DRIVECAST_APP" \
        --query "systemKeys.blobs_extension != null" --output tsv 2>/dev/null)" = true ]; do
        if is_over "$end"; then
            echo "$DRIVECAST_APP has no key blobs_extension, looked for during $WAIT s: the host has not indexed score_telemetry." \
                "Deploy the code with \`python -m ops deploy --env <environment> --step code\`; its log says more: \`$LOGS\`" >&2
            exit 1
        fi
        sleep "$PAUSE"
    done
fi

# Into an account that is closed only the topic's own identity gets. It is made with the topic, and its roles come later:
# until then Azure refuses the subscription, and the same deployment passes when it is made again.
set -- \
    appName="$DRIVECAST_APP" \
    accountName="$DRIVECAST_STORAGE" \
    eventsIdentityName="$DRIVECAST_EVENTS_IDENTITY" \
    workspaceName="$DRIVECAST_WORKSPACE" \
    actionGroupName="$DRIVECAST_ACTION_GROUP" \
    delivery="${DRIVECAST_DELIVERY:-webhook}"
if [ "${DRIVECAST_STORAGE_NETWORK:-public}" = private ]; then
    set -- "$@" storageNetwork=private
fi

echo "deploying infra/eventgrid.bicep"
end=$(($(date +%s) + WAIT))
told=
until said=$(az deployment group create \
    --resource-group "$AZURE_RESOURCE_GROUP" \
    --name drivecast-eventgrid \
    --template-file infra/eventgrid.bicep \
    --parameters "$@" \
    --output none 2>&1); do
    case "$said" in
    *"does not have authorization to perform action"*)
        printf '%s\n' "$said" >&2
        echo "Who is signed in may not deploy infra/eventgrid.bicep: it takes Owner of $AZURE_RESOURCE_GROUP, or" \
            "Contributor with Role Based Access Control Administrator" \
            "(\`az role assignment create --assignee WHO --role Owner --scope GROUP_ID\`, GROUP_ID being what" \
            "\`az group show --name $AZURE_RESOURCE_GROUP --query id\` says)." >&2
        exit 1
        ;;
    *"Managed Identity Authorization Error"* | *"does not have permission to perform appropriate action"* | \
        *"does not have authorization to deliver"* | *PrincipalNotFound*)
        what="the roles of Event Grid's identity on $DRIVECAST_STORAGE"
        ;;
    *"validate the provided endpoint"*)
        what="the web-hook of $DRIVECAST_APP to answer Event Grid's handshake"
        ;;
    *)
        printf '%s\n' "$said" >&2
        exit 1
        ;;
    esac
    if is_over "$end"; then
        printf '%s\n' "$said" >&2
        echo "waited for $what, which did not come in $WAIT s. \`python -m ops doctor --app $DRIVECAST_APP" \
            "--resource-group $AZURE_RESOURCE_GROUP\` finds what is missing; \`$LOGS\` shows the app's log." >&2
        exit 1
    fi
    if [ "$told" != "$what" ]; then
        echo "waiting for $what; no try begins after $WAIT s"
        told=$what
    fi
    sleep "$PAUSE"
done
echo "Event Grid tells $DRIVECAST_APP of new telemetry"
