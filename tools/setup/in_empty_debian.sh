#!/bin/sh
# in_empty_debian.sh DIR COMMAND...: clones the committed tree into a new, empty Debian 12 root under DIR and
# runs COMMAND in the clone, as a newcomer would after `apt-get install git make`. A grown machine hides a
# missing step of the set-up; this one does not. Needs root and mmdebstrap. This machine's own settings of apt,
# pip, npm and cargo are copied in. The root is removed at the end unless KEEP=1 is set.
set -eu
place=$(mkdir -p -- "$1" && cd -- "$1" && pwd)/root
shift
source=$(cd -- "$(dirname -- "$0")/../.." && pwd)

if [ ! -d "$place" ]; then
    sources=/etc/apt/sources.list.d/debian.sources
    [ -f "$sources" ] || sources=/etc/apt/sources.list
    mmdebstrap --quiet --mode=root --variant=minbase --include=make,git,ca-certificates bookworm "$place" "$sources"
fi
unmount() {
    for mounted in dev/shm dev/pts dev proc; do
        mountpoint -q "$place/$mounted" && umount "$place/$mounted"
    done
    if [ "${KEEP:-0}" != 1 ] && ! mountpoint -q "$place/proc" && ! mountpoint -q "$place/dev"; then
        rm -rf --one-file-system "$place"
    fi
}
trap unmount EXIT
trap 'exit 130' INT TERM
mount -t proc proc "$place/proc"
mount --bind /dev "$place/dev"
mount --make-private "$place/dev"
mount --bind /dev/pts "$place/dev/pts"
mount -t tmpfs tmpfs "$place/dev/shm"

for file in /etc/resolv.conf /etc/hosts /etc/ssl/certs/ca-certificates.crt /etc/pip.conf "$HOME/.npmrc" \
    "$HOME/.config/pip/pip.conf" "$HOME/.pip/pip.conf" "$HOME/.cargo/config.toml" /etc/apt/apt.conf.d/99*; do
    [ -f "$file" ] || continue
    mkdir -p "$place$(dirname "$file")"
    cp -L "$file" "$place$file"
done
rm -rf "$place/newcomer/tarn"
mkdir -p "$place/newcomer"
git clone --quiet --no-hardlinks "$source" "$place/newcomer/tarn"
if [ -d "$source/../shared" ] && [ -n "${SHARED:-}" ]; then
    cp -rL "$source/../shared" "$place/newcomer/shared"
fi
# The caller's own toolchains and caches must not shine through.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
unset TARN_CACHE CCACHE_DIR CCACHE_BASEDIR CARGO_HOME RUSTUP_HOME RUSTC PYENV_ROOT VIRTUAL_ENV || true
chroot "$place" /bin/sh -c 'cd /newcomer/tarn && exec "$@"' sh "$@"
