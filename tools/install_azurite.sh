#!/bin/sh
# Install Azurite, Microsoft's storage emulator, into node_modules as package-lock.json pins it. Run from the root.
set -u

for tool in node npm; do
    if ! "$tool" --version >/dev/null 2>&1; then
        echo "$tool was not found or does not run: Azurite, the storage emulator, needs Node.js 20 or later with npm" \
            "(https://nodejs.org); install it, then run this again." >&2
        exit 1
    fi
done

if [ -L node_modules ]; then
    # npm ci would empty the folder behind it, which another checkout works with.
    echo "node_modules is a link to $(readlink node_modules): remove the link, then run this again." >&2
    exit 1
fi
echo "installing Azurite with npm"
if ! npm ci --no-audit --no-fund --loglevel=error; then
    echo "npm could not install package-lock.json (its message is above): check the network and npm's registry." >&2
    exit 1
fi
