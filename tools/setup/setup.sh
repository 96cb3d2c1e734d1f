#!/bin/sh
# The first step of the set-up: sees to it that Debian's python3 is there, then hands over to setup.py.
set -eu
here=$(dirname -- "$0")
if [ ! -x /usr/bin/python3 ]; then
    echo "setup: needs root: apt-get install --no-install-recommends python3"
    root=
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || {
            echo "setup: neither root nor sudo; run as root: apt-get install --no-install-recommends python3" >&2
            exit 1
        }
        root=sudo
    fi
    $root apt-get -qq update
    $root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends python3 >/dev/null
fi
exec /usr/bin/python3 "$here/setup.py" "$@"
