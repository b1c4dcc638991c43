#!/usr/bin/env bash
# Download quarters of telemetry, train anew, and write the decision to GITHUB_OUTPUT.
#
#     QUARTERS="2025-Q1 2025-Q2" bash .github/scripts/retrain.sh
#
# Outputs: `decision` (challenger or kept), and for a challenger `version`, `champion`.
set -euo pipefail

: "${QUARTERS:?is not set: quarters such as 2025-Q2, with spaces between}"
: "${GITHUB_OUTPUT:?is not set: the file for outputs}"
PYTHON=${PYTHON:-.venv/bin/python}
TELEMETRY=${TELEMETRY:-telemetry}
# Exit code of `retrain --exit-code` when the champion stays.
KEPT=3

read -ra quarters <<<"$QUARTERS"
for quarter in "${quarters[@]}"; do
    "$PYTHON" -m training download --quarter "$quarter" --output "$TELEMETRY"
done

code=0
"$PYTHON" -m training retrain --data "$TELEMETRY" --no-tracking --exit-code --quiet || code=$?
case $code in
0) ;;
"$KEPT")
    echo "decision=kept" >>"$GITHUB_OUTPUT"
    exit 0
    ;;
*) exit "$code" ;;
esac

version=$(jq -r .aliases.challenger models/registry.json)
champion=$(jq -r .aliases.champion models/registry.json)
"$PYTHON" -m training compare "$champion" "$version" --force
"$PYTHON" -m ops smoke --record
{
    echo "decision=challenger"
    echo "version=$version"
    echo "champion=$champion"
} >>"$GITHUB_OUTPUT"
