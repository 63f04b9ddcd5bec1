#!/bin/sh
# The Debian package, installed and run in a fresh Debian 12, and the source archive, built there
# without git. As root; needs debootstrap and a Debian mirror.
# usage: tests/package.sh [FOLDER]   (default: a temporary folder, removed after)
set -eu
mirror=${MIRROR:-http://deb.debian.org/debian}
root=${1:-$(mktemp -d)}
clean() {
    umount "$root/proc" "$root/dev/pts" "$root/dev" 2>/dev/null || true
    [ $# -gt 0 ] || rm -rf --one-file-system "$root"
}
trap 'clean ${1:+kept}' EXIT
deb=$(make --no-print-directory -s deb | tail -n 1)
archive=$(make --no-print-directory -s dist | tail -n 1)
[ -x "$root/bin/sh" ] || debootstrap --variant=minbase --include=ca-certificates bookworm "$root" "$mirror"
mount --bind /proc "$root/proc"
mount --bind /dev "$root/dev"
mount --bind /dev/pts "$root/dev/pts"
cp /etc/resolv.conf "$root/etc/"
cp "$deb" "$root/root/lethe.deb"
cp "$archive" "$root/root/lethe.tar.gz"
chroot "$root" sh -euc '
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends /root/lethe.deb
    lethe --version
    cd /usr/share/doc/lethe/examples
    lethe --no-rc -c "load sample_models/digits-mlp; forget add 17; select; preview; commit; export /tmp/out.onnx"
    [ -s /tmp/out.onnx ] && [ -f /usr/include/lethe/nn.h ] && [ -f /usr/share/man/man1/lethe.1.gz ]
    apt-get install -q -y --no-install-recommends make
    ! command -v git
    cd /root && tar xzf lethe.tar.gz && cd lethe-* && make && build/lethe --version'
echo "package: installed and run; archive: built without git"
