#!/bin/sh
# SPDX-License-Identifier: MIT
# Who may read what: sessions, state and caches are their owner's alone whatever the umask, what is
# given away (exports, reports, dumps, pictures) follows it. A session that may not be written is
# opened for reading: it says so in one line, keeps everything as it was, and takes no commit.
. tests/support/golden.sh

# modes MASK: everything below $dir/s and $dir/state is 0600 or 0700.
modes() {
    mkdir -p -m 700 "$dir/state"
    found=$(find "$dir/s" "$dir/state" "$dir/kept" \( -type d ! -perm 0700 \) -o \( -type f ! -perm 0600 \))
    [ -z "$found" ] || fail "umask $1: readable by others: $(ls -ld $found)"
}
given() {
    for file in gone.onnx report.html dump.npz plot.svg script.lethe table.csv; do
        [ ! -e "$dir/$file" ] || [ "$(stat -c %a "$dir/$file")" = "$2" ] ||
            fail "umask $1: $file is $(stat -c %a "$dir/$file"), not $2"
    done
    [ -e "$dir/gone.onnx" ] && [ -e "$dir/report.html" ] && [ -e "$dir/dump.npz" ] || fail "not written"
}
for mask in 000 077; do
    rm -rf "$dir/s" "$dir/state" "$dir/kept" "$dir"/*.onnx "$dir"/*.html "$dir"/*.npz "$dir"/*.lethe
    (
        umask "$mask"
        run 0 --session "$dir/s" -c "load sample_models/digits-logreg; forget add 3,4; blanket all
            retrain cold k=2; audit n=4; preview; dump losses to=$dir/dump.npz; commit one
            export $dir/gone.onnx; report $dir/report.html; save $dir/kept; save $dir/script.lethe
            forget add 9"
        if command -v script >/dev/null; then # a person at a terminal: session and history of her own
            (sleep .3; printf 'forget add 5\n'; sleep .3; printf 'quit\nquit\n') |
                script -qec "$LETHE --no-rc -i sample_models/digits-logreg" /dev/null >"$dir/out" 2>&1
        fi
    ) || fail "umask $mask"
    if command -v script >/dev/null; then
        find "$dir/state" -name head.json | grep -q . || fail "no session of a person's own"
        find "$dir/state" -name history | grep -q . || fail "no history of a person's lines"
    fi
    modes "$mask"
    given "$mask" "$(printf '%o' $((0666 & ~0$mask)))"
done
ls "$dir/s/retrains" | grep -q . || fail "no model is kept"

# ---- a session that may not be written ---------------------------------------------------------
reader=
if [ "$(id -u)" -eq 0 ]; then # who may write everything has to be somebody else here
    command -v setpriv >/dev/null || { echo "skipped: setpriv is not here"; exit 0; }
    reader="setpriv --reuid=65534 --regid=65534 --clear-groups"
    chmod 755 "$dir"
    mkdir -p "$HOME" "$XDG_CONFIG_HOME"
    chmod -R a+rwX "$HOME" "$XDG_CONFIG_HOME" "$dir/state"
    $reader test -r sample_models/digits-logreg/bundle.json -a -x "$LETHE" || {
        echo "skipped: another user may not read this checkout"
        exit 0
    }
fi
sums() { (cd "$dir/s" && find . -type f -exec sha256sum {} + | sort && find . -exec stat -c '%n %a' {} + | sort); }
# reads STATUS ARGUMENTS...: as run, by who may not write the session
reads() {
    want=$1
    shift
    $reader "$LETHE" --no-rc "$@" >"$dir/out" 2>"$dir/err" </dev/null
    got=$?
    [ "$got" -eq "$want" ] || fail "exit $got instead of $want: lethe $*"
}
closed() {
    sums >"$dir/before"
    reads 0 -c "open $dir/s; log; undo; preview; redo; info"
    [ "$(grep -c 'open for reading only' "$dir/out")" -ge 1 ] || fail "does not say that it is open for reading"
    said "one"
    [ "$(grep -c 'reading only' "$dir/err")" -eq 0 ] || fail "says it on stderr, too"
    for order in "$@"; do
        reads 4 -c "open $dir/s; forget clear; forget add 11; $order"
        [ "$(grep -c . "$dir/err")" -eq 1 ] || fail "not one line of error: $order"
        grep -q "open for reading only.*'save FOLDER'" "$dir/err" || fail "no remedy: $order"
    done
    reads 0 --session "$dir/s" -c "log; save $HOME/copy"
    reads 0 -c "open $HOME/copy; forget clear; forget add 11; commit two"
    rm -rf "$HOME/copy"
    sums >"$dir/after"
    cmp -s "$dir/before" "$dir/after" || fail "reading changed the session: $(diff "$dir/before" "$dir/after")"
}
umask 022
chmod -R a+rX,a-w "$dir/s"
closed "commit two" "branch other" "train continue" "remove-each $dir/s" \
    "seal receipt=$HOME/receipt" "save $dir/s"
[ -n "$reader" ] || exit 0
chmod -R u+w "$dir/s" # a folder of somebody else
closed "commit two"
chmod 600 "$dir/s/lock" # whose lock cannot even be seen
closed "commit two"
chmod 777 "$dir/s" && chmod 644 "$dir/s/lock" # one file alone may not be written
closed "commit two"
