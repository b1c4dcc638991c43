#!/bin/sh
# Print the path of a Python 3.13 that really runs and can make virtual environments; else say in one line what to do.
#
# Looked at, in order: $PYTHON, the names on PATH, `uv python find`, pyenv's versions. Each candidate is run, because a
# pyenv shim named python3.13 stands on PATH even where it only prints "command not found".
set -u

WANTED=3.13
PROBE='import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 13))'

runs() {
    [ -n "$1" ] && "$1" -c "$PROBE" >/dev/null 2>&1
}

# The interpreter itself, not the shim, link or virtual environment that led to it: it keeps working when those change.
found() {
    "$1" -c 'import sys; print(sys._base_executable)'
    exit 0
}

if [ -n "${PYTHON:-}" ]; then
    runs "$PYTHON" && found "$PYTHON"
    echo "PYTHON=$PYTHON is not a working Python $WANTED: unset it, or give the path of one." >&2
    exit 1
fi

for candidate in "python$WANTED" python3 python; do
    runs "$candidate" && found "$candidate"
done

if command -v uv >/dev/null 2>&1; then
    candidate=$(uv python find --no-project --no-python-downloads "$WANTED" 2>/dev/null) || candidate=
    runs "$candidate" && found "$candidate"
fi

for candidate in "${PYENV_ROOT:-${HOME:-}/.pyenv}"/versions/"$WANTED"*/bin/"python$WANTED"; do
    runs "$candidate" && found "$candidate"
done

echo "Python $WANTED was not found on PATH, by uv or under pyenv: install it (\`uv python install $WANTED\`," \
    "\`pyenv install $WANTED\` or https://www.python.org/downloads/), then run this again; PYTHON=/path/to/it works too." >&2
exit 1
