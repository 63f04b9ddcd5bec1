# Helpers of the golden scripts: run from the top folder with LETHE set. Each check that fails says
# what was expected and ends the script.
set -u
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export HOME="$dir/home" XDG_CONFIG_HOME="$dir/config" XDG_STATE_HOME="$dir/state" LC_ALL=C TERM=dumb
mkdir -p "$HOME"

fail() {
    echo "$1"
    [ -s "$dir/out" ] && sed 's/^/  out: /' "$dir/out" | head -40
    [ -s "$dir/err" ] && sed 's/^/  err: /' "$dir/err" | head -10
    exit 1
}

# run STATUS ARGUMENTS...: runs lethe; its answers are then in $dir/out and $dir/err.
run() {
    want=$1
    shift
    "$LETHE" --no-rc "$@" >"$dir/out" 2>"$dir/err" </dev/null
    got=$?
    [ "$got" -eq "$want" ] || fail "exit $got instead of $want: lethe $*"
}

# refused STATUS MESSAGE COMMANDS: one line on stderr that holds the message.
refused() {
    run "$1" -c "$3"
    [ "$(grep -vc '^lethe: warning: ' "$dir/err")" -eq 1 ] || fail "not one line of error: $3"
    grep -qF -- "$2" "$dir/err" || fail "does not say '$2': $3"
}

# said TEXT: the text stands in the answer.
said() {
    grep -qF -- "$1" "$dir/out" || fail "does not say '$1'"
}

# same: the answer is the text on standard input.
same() {
    cat >"$dir/expected"
    diff "$dir/expected" "$dir/out" >"$dir/diff" || {
        cat "$dir/diff"
        fail "the answer is another one"
    }
}

# number KEY...: the number at this path of the JSON answer in the last line of $dir/out: the text
# after the keys, each looked for behind the one before.
number() {
    text=$(tail -n 1 "$dir/out")
    for key in "$@"; do
        case $text in
        *"\"$key\":"*) text=${text#*"\"$key\":"} ;;
        *) fail "no '$key' in the answer" >&2 ;;
        esac
    done
    echo "$text" | sed 's/[,}].*//'
}

# holds EXPRESSION: an awk condition about numbers.
holds() {
    awk "BEGIN { exit !($1) }" || fail "does not hold: $1"
}
