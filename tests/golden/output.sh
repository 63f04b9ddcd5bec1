# Files that a command writes: links are followed, devices and pipes stay what they are, a limit on
# size is an error, and nothing temporary is left.
. tests/support/golden.sh
load="load sample_models/digits-logreg"

# each of these writes "$1"
writers() {
    for c in "export $1.onnx" "report $1.md" "save $1.lethe" "dump losses to=$1.npz"; do
        echo "$c"
    done
    command -v gnuplot >/dev/null && echo "plot loss to=$1.svg"
}

writers "$dir/new" | while read -r c; do
    file=${c##* }
    file=${file#to=}
    prepare="$load; set retrain off; forget add 17; blanket all; preview"
    (umask 027 && run 0 -c "$prepare; $c") || exit 1
    [ -f "$file" ] || fail "'$c' wrote nothing"
    [ "$(stat -c %a "$file")" = 640 ] || fail "'$c' does not follow the umask"
    size=$(stat -c %s "$file")

    # a chain of links, the last one dangling first
    ending=${file##*.}
    ln -s "far.$ending" "$dir/near.$ending"
    ln -s "target.$ending" "$dir/far.$ending"
    near=$(echo "$c" | sed "s|$file|$dir/near.$ending|")
    run 0 -c "$prepare; $near"
    run 0 -c "$prepare; $near"
    [ -L "$dir/near.$ending" ] && [ -L "$dir/far.$ending" ] || fail "'$c' replaced a link"
    [ -f "$dir/target.$ending" ] || fail "'$c' did not follow the links"
    chmod 604 "$dir/target.$ending"
    run 0 -c "$prepare; $near"
    [ "$(stat -c %a "$dir/target.$ending")" = 604 ] || fail "'$c' changed the mode of a file"

    # a device by the same name, through a link
    ln -sf /dev/full "$dir/near.$ending"
    run 4 -c "$prepare; $near"
    grep -q "No space left" "$dir/err" || fail "'$c' on a full device"
    ln -sf /dev/null "$dir/near.$ending"
    run 0 -c "$prepare; $near"
    [ -c /dev/null ] && [ -c /dev/full ] || fail "'$c' replaced a device"

    # a pipe with nobody at its other end, and with somebody
    mkfifo "$dir/pipe.$ending"
    pipe=$(echo "$c" | sed "s|$file|$dir/pipe.$ending|")
    run 4 -c "$prepare; $pipe"
    grep -q "nobody reads" "$dir/err" || fail "'$c' on a pipe that nobody reads"
    cat "$dir/pipe.$ending" >"$dir/read" &
    reader=$!
    while ! run 0 -c "$prepare; $pipe" >/dev/null 2>&1; do :; done
    wait $reader
    [ "$(stat -c %s "$dir/read")" = "$size" ] || fail "'$c' does not come through a pipe whole"
    [ -p "$dir/pipe.$ending" ] || fail "'$c' replaced a pipe"

    # no file may grow beyond 512 bytes: what was there stays, and the program lives
    if [ "$size" -gt 512 ]; then
        echo old >"$dir/limited.$ending"
        limited=$(echo "$c" | sed "s|$file|$dir/limited.$ending|")
        (ulimit -f 1 && "$LETHE" --no-rc -c "$prepare; $limited" 2>&1) | cat >"$dir/told"
        grep -q "File too large" "$dir/told" || fail "'$c' with a limit on size: $(cat "$dir/told")"
        [ "$(cat "$dir/limited.$ending")" = old ] || fail "'$c' with a limit on size changed the file"
    fi
    rm -f "$dir/near.$ending" "$dir/far.$ending" "$dir/target.$ending" "$dir/pipe.$ending"
done || exit 1
[ -z "$(find "$dir" -name '*.tmp')" ] || fail "left: $(find "$dir" -name '*.tmp')"
