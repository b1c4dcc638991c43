#!/bin/sh
# Make .venv hold exactly what requirements-dev.txt and requirements-tracking.txt pin, no more and no less. Run from
# the project's root.
set -eu

interpreter=.venv/bin/python
usable() {
    "$interpreter" -c 'import sys, pip; sys.exit(sys.version_info[:2] != (3, 13))' >/dev/null 2>&1
}

if ! usable; then
    base=$(sh tools/find_python.sh)
    echo "making .venv with $base"
    "$base" -m venv --clear .venv
fi

# uv installs in seconds what takes pip most of a minute; its own pinned version comes first, by pip. It does not read
# pip's configuration, so where only a mirror named there can be reached, pip does the work.
pip() {
    "$interpreter" -m pip --quiet --disable-pip-version-check "$@"
}
uv_pin=.venv/uv-requirement.txt
sed -n '/^uv==/,/[^\\]$/p' requirements-dev.txt >"$uv_pin"
echo "installing requirements-dev.txt and requirements-tracking.txt"
if ! pip install --require-hashes --requirement "$uv_pin"; then
    echo "pip could not install uv (its message is above): check the network and pip's configuration." >&2
    exit 1
fi
rm "$uv_pin"
if ! .venv/bin/uv pip sync --quiet --python "$interpreter" --require-hashes \
    requirements-dev.txt requirements-tracking.txt; then
    echo "uv could not (its message is above); trying pip, which takes about a minute" >&2
    if ! pip install --require-hashes --requirement requirements-dev.txt --requirement requirements-tracking.txt; then
        echo "pip could not install the pinned requirements (its message is above): check the network." >&2
        exit 1
    fi
fi
