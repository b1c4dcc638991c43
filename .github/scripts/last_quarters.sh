#!/usr/bin/env bash
# Print the newest quarters that are sure to be published, oldest first: `2025-Q1 2025-Q2`.
#
#     bash .github/scripts/last_quarters.sh COUNT [YYYY-MM-DD]
#
# Backblaze publishes a quarter some weeks after its end; one that ended 45 days ago is taken to be there.
set -euo pipefail

count=${1:?"say how many"}
today=${2:-$(date -u +%F)}
there=$(date -u -d "$today - 45 days" +%F)
year=${there%%-*}
month=${there#*-}
month=$((10#${month%%-*}))
# Quarters since year 0 that had ended by then.
ended=$((year * 4 + (month - 1) / 3))
printed=()
for ((number = ended - count; number < ended; number++)); do
    printed+=("$((number / 4))-Q$((number % 4 + 1))")
done
echo "${printed[*]}"
