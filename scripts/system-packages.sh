#!/bin/sh
# Make sure that programs which no Python package brings are there: arguments are program=debian-package.
# Root installs what is missing; others are told what to install.
set -eu
PATH=$PATH:/usr/sbin:/sbin
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
# Of kamailio and nginx the programs alone are wanted: as services they would take SIP and port 80 on every address of
# this machine. `systemctl unmask kamailio` or `nginx` lets them.
for service in kamailio nginx; do
    case "$missing " in *" $service "*)
        mkdir -p /etc/systemd/system
        ln -sf /dev/null "/etc/systemd/system/$service.service"
        ;;
    esac
done
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # one word a package
apt-get install -qq -y --no-install-recommends $missing >/dev/null 2>&1 || {
    apt-get update -qq
    apt-get install -qq -y --no-install-recommends $missing >/dev/null
}
