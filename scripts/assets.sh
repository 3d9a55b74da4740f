#!/bin/sh
# Make the console's files that come from packages, when what they are made from has changed. The packages lie in a folder
# of their own meanwhile, and never in .venv.
set -eu
cd "$(dirname "$0")/.."
python=.venv/bin/python
made=app/console/static/vendor
digest=$(cat requirements/assets.lock app/console/build_assets.py | sha256sum | cut -c1-32)
[ "$(cat $made/.made 2>/dev/null || true)" != "$digest" ] || exit 0

echo "Making the console's files from requirements/assets.lock"
packages=$(mktemp -d)
trap 'rm -rf "$packages"' EXIT
$python -m uv pip install --quiet --python $python --target "$packages" --no-deps --only-binary :all: --require-hashes \
    -r requirements/assets.lock
$python -m app.console.build_assets "$packages"
echo "$digest" >$made/.made
