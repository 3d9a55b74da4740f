#!/bin/sh
# Print the first Python of 3.11 to 3.14 that can make a virtual environment; say what to install when there is none.
# A newer one is refused here: its packages would have to be compiled, and the locked ones are installed ready made.
set -eu
nearly=""
for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3.14 python3}; do
    path=$(command -v "$candidate" 2>/dev/null) || continue
    "$path" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' >/dev/null 2>&1 || continue
    if "$path" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        echo "$path"
        exit 0
    fi
    nearly=$path
done
if [ -n "$nearly" ]; then
    echo "$nearly cannot make virtual environments; install its module: apt-get install python3-venv (dnf: python3-pip)." >&2
else
    echo "Python 3.11 to 3.14 is needed and was not found; install it (apt-get install python3 python3-venv), or name one: make PYTHON=/path/to/python3.12" >&2
fi
exit 1
