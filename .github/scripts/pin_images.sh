#!/usr/bin/env bash
# Write behind every base image's tag the digest that it names today, and open a pull request where that is another.
#
#     RUN_URL=https://... GH_TOKEN=... bash .github/scripts/pin_images.sh
set -euo pipefail

: "${RUN_URL:?is not set: the address of the run}"

branch=base-images
files=(Dockerfile training/azureml/image/Dockerfile)

for file in "${files[@]}"; do
    image=$(sed -n 's/^FROM \([^@[:space:]]*\).*/\1/p' "$file")
    digest=$(docker buildx imagetools inspect --format '{{.Manifest.Digest}}' "$image")
    if ! [[ $digest =~ ^sha256:[0-9a-f]{64}$ ]]; then
        echo "$file: $image has no digest: found '$digest'" >&2
        exit 1
    fi
    sed -i "s|^FROM .*|FROM $image@$digest|" "$file"
done
if git diff --quiet -- "${files[@]}"; then
    echo "the digests are those of the tags"
    exit 0
fi

git config user.name "github-actions[bot]"
git config user.email "41898282+github-actions[bot]@users.noreply.github.com"
gh auth setup-git
git switch --create "$branch"
git add "${files[@]}"
git commit --message "Pin the base images to what their tags name now"
# An earlier pull request that nobody has merged is brought up to date.
git push --force --set-upstream origin "$branch"
if [ "$(gh pr list --head "$branch" --state open --json number --jq length)" = 0 ]; then
    gh pr create --base main --head "$branch" --title "Base images by digest" \
        --body "What the tags name now, as $RUN_URL found it. The build takes nothing else."
fi
# What a workflow's own token does starts no other workflow, but for this.
gh workflow run ci.yml --ref "$branch"
