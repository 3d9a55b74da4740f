#!/bin/sh
# Make sure that programs which no Python package brings are there: arguments are program=debian-package.
# Root installs what is missing; others are told what to install.
set -eu
missing=""
for pair in "$@"; do
    command -v "${pair%%=*}" >/dev/null 2>&1 || missing="$missing ${pair#*=}"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "The tests need programs that are not installed; as root: apt-get install$missing" >&2
    exit 1
fi
echo "Installing$missing"
# Of kamailio the program alone is wanted: its service would take SIP on every address of this machine.
# `systemctl unmask kamailio` lets it.
case "$missing " in *" kamailio "*)
    mkdir -p /etc/systemd/system
    ln -sf /dev/null /etc/systemd/system/kamailio.service
    ;;
esac
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # one word a package
apt-get install -qq -y --no-install-recommends $missing >/dev/null 2>&1 || {
    apt-get update -qq
    apt-get install -qq -y --no-install-recommends $missing >/dev/null
}
