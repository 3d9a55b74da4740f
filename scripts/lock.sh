#!/bin/sh
# Write the requirement locks anew from pyproject.toml, for every platform and Python that the project supports.
set -eu
cd "$(dirname "$0")/.."
uv=".venv/bin/python -m uv"
compile() {
    output=$1
    shift
    # Run apart from the developer's own configuration: no mirror, no local folder may reach the locks.
    env -u UV_INDEX -u UV_DEFAULT_INDEX -u UV_FIND_LINKS $uv --no-config pip compile --quiet --universal \
        --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
        --custom-compile-command "make lock" --output-file "$output" ${UPGRADE:+--upgrade} "$@"
}
compile requirements/run.lock pyproject.toml requirements/build.in --extra local
compile requirements/dev.lock pyproject.toml requirements/build.in requirements/checks.in --extra local --group dev \
    --constraints requirements/run.lock
compile requirements/assets.lock requirements/assets.in --no-deps
echo "uv==$($uv --version | cut -d' ' -f2)" | compile requirements/uv.txt -
