#!/usr/bin/env bash
# Print the commit of the newest deployment to a GitHub environment that came to a good end.
#
#     GITHUB_REPOSITORY=owner/name GH_TOKEN=... bash .github/scripts/previous_deployment.sh production
set -euo pipefail

environment=${1:?"name the GitHub environment"}
: "${GITHUB_REPOSITORY:?is not set: owner/name}"

deployments=$(gh api "repos/$GITHUB_REPOSITORY/deployments?environment=$environment&per_page=50" \
    --jq '.[] | "\(.id) \(.sha)"')
while read -r id sha; do
    [ -n "$id" ] || continue
    # A deployment that a newer one has replaced is `inactive`, and was a success before.
    good=$(gh api "repos/$GITHUB_REPOSITORY/deployments/$id/statuses" --jq 'any(.[]; .state == "success")')
    if [ "$good" = true ]; then
        echo "$sha"
        exit 0
    fi
done <<<"$deployments"

echo "no deployment to $environment has succeeded yet: there is nothing to restore." >&2
exit 1
