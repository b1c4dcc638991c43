#!/bin/sh
# What `azd up` runs once the code is there. azd hands over main.bicep's outputs as variables.
set -eu
cd -- "$(dirname -- "$0")/../.."

sh infra/hooks/event-grid.sh
sh infra/hooks/smoke.sh
