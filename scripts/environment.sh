#!/bin/sh
# Make or refresh .venv from the locked requirements: `environment.sh run` for the stack, `dev` for tests and checks too.
# Quick when nothing changed: .venv/.installed holds what was installed and the digest of what it was installed from.
set -eu
kind=$1
cd "$(dirname "$0")/.."
python=.venv/bin/python
# Certificates that the machine's owner trusts count too: many offices reach registries through a proxy of their own.
export UV_SYSTEM_CERTS=true
. scripts/cache.sh
digest=$(cat requirements/uv.txt requirements/run.lock requirements/dev.lock pyproject.toml | sha256sum | cut -c1-32)

# A copied or moved environment answers from the wrong place, one whose Python was removed not at all.
works() { [ "$($python -c 'import sys; print(sys.prefix)' 2>/dev/null)" = "$PWD/.venv" ]; }

installed=$(cat .venv/.installed 2>/dev/null || true)
if works && { [ "$installed" = "$kind $digest" ] || [ "$installed" = "dev $digest" ]; }; then
    exec sh scripts/assets.sh
fi
case $installed in dev*) kind=dev ;; esac # never take the tests' tools away again

if ! works; then
    base=$(sh scripts/find-python.sh)
    echo "Making .venv with $base"
    rm -rf .venv
    "$base" -m venv .venv
fi
rm -f .venv/.installed
echo "Installing requirements/$kind.lock"
$python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/uv.txt
# Compiled once and for all: where PYTHONDONTWRITEBYTECODE is set, every start of a process would compile for four seconds.
$python -m uv pip sync --quiet --python $python --compile-bytecode --require-hashes "requirements/$kind.lock"
$python -m uv pip install --quiet --python $python --no-deps --no-build-isolation --editable .
$python -m compileall -q app workers migrations
echo "$kind $digest" >.venv/.installed
exec sh scripts/assets.sh
