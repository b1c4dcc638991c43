#!/bin/sh
# What `azd up` runs once the code is there. azd hands over main.bicep's outputs as variables.
set -eu
cd -- "$(dirname -- "$0")/../.."

# The package's, not this folder's, from which others may be made.
rm -f packed.txt

sh infra/hooks/event-grid.sh
sh infra/hooks/smoke.sh
