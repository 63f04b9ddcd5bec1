#!/bin/sh
# The README's two commands on a Debian 12 that has none of the packages: a fresh debootstrap in a
# folder, this checkout cloned into it, make test and make run inside. As root; needs debootstrap
# and a Debian mirror. usage: tests/bare.sh [FOLDER]   (default: a temporary folder, removed after)
set -eu
mirror=${MIRROR:-http://deb.debian.org/debian}
top=$(git rev-parse --show-toplevel)
root=${1:-$(mktemp -d)}
clean() {
    umount "$root/proc" "$root/dev/pts" "$root/dev" 2>/dev/null || true
    [ $# -gt 0 ] || rm -rf --one-file-system "$root"
}
trap 'clean ${1:+kept}' EXIT
[ -x "$root/bin/sh" ] || debootstrap --variant=minbase --include=make,git,ca-certificates bookworm "$root" "$mirror"
mount --bind /proc "$root/proc"
mount --bind /dev "$root/dev"
mount --bind /dev/pts "$root/dev/pts" # tmux needs terminals
cp /etc/resolv.conf "$root/etc/"
rm -rf "$root/root/lethe"
git clone -q "$top" "$root/root/lethe"
chroot "$root" sh -c 'command -v gcc protoc-c gnuplot && echo "already there: not a bare machine" && exit 1
cd /root/lethe && make test && make run </dev/null'
