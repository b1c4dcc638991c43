#!/usr/bin/env bash
# Commit a challenger to a branch of its own and open a pull request with its card and decision.
#
#     VERSION=v4 CHAMPION=v3 RUN_URL=https://... GH_TOKEN=... bash .github/scripts/open_pull_request.sh
set -euo pipefail

: "${VERSION:?is not set: the challenger}"
: "${CHAMPION:?is not set: the version it was compared with}"
: "${RUN_URL:?is not set: the address of the run}"

branch="challenger/$VERSION"
folder="models/$VERSION"
# GitHub takes 65,536 characters; the card is cut before that, the file is whole.
most=55000

git config user.name "github-actions[bot]"
git config user.email "41898282+github-actions[bot]@users.noreply.github.com"
gh auth setup-git
git switch --create "$branch"
git add models ops/smoke/recorded
git commit --message "Register $VERSION as challenger of $CHAMPION"
git push --set-upstream origin "$branch"

body=$(mktemp)
{
    echo "\`$VERSION\` forecasts better than \`$CHAMPION\` on the same forward test. Merging makes it the challenger;"
    echo "\`python -m training promote challenger\` makes it the champion."
    echo
    echo "- Evaluation: \`$folder/evaluation.html\`, and with the comparison in the artifact of $RUN_URL"
    echo "- Decision:"
    echo
    echo '```json'
    cat "$folder/decision.json"
    echo '```'
    echo
    head -c "$most" "$folder/card.md"
} >"$body"
gh pr create --base main --head "$branch" --title "Challenger $VERSION" --body-file "$body"
# Actions of a workflow's own token start no other workflow, but for this.
gh workflow run ci.yml --ref "$branch"
