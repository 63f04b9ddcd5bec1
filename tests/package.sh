#!/bin/sh
# The Debian package, installed and run in a fresh Debian 12, and the source archive, built there
# without git: some five minutes on two processors. Skips without root, debootstrap or a Debian
# mirror.
# usage: tests/package.sh [FOLDER]   (default: a temporary folder, removed after)
set -eu
mirror=${MIRROR:-http://deb.debian.org/debian}
skip() {
    echo "package: skipped, $1"
    exit 77
}
[ "$(id -u)" -eq 0 ] || skip "needs root, for chroot"
command -v debootstrap >/dev/null || skip "needs debootstrap (apt-get install debootstrap)"
wget -q --spider --timeout=20 --tries=2 "$mirror/dists/bookworm/Release" || skip "$mirror is not reached (MIRROR=URL)"
root=${1:-$(mktemp -d)}
clean() {
    for at in proc dev/pts dev; do umount "$root/$at" 2>/dev/null || true; done
    [ $# -gt 0 ] || rm -rf --one-file-system "$root"
}
trap 'clean ${1:+kept}' EXIT
trap 'exit 1' INT TERM
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
    [ -s /tmp/out.onnx ]
    [ -f /usr/include/lethe/nn.h ]
    [ -f /usr/share/man/man1/lethe.1.gz ]
    apt-get install -q -y --no-install-recommends make
    if command -v git; then echo "git is there: nothing is shown"; exit 1; fi
    cd /root
    rm -rf lethe-[0-9]*
    tar xzf lethe.tar.gz
    cd lethe-[0-9]*
    make -j"$(nproc)"
    build/lethe --version
    build/lethe --no-rc -c "load sample_models/digits-mlp; forget add 17; select; preview"'
echo "package: installed and run; archive: built without git"
