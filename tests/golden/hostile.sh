# Nothing that others wrote reaches the terminal raw: names of bundles, classes and files, commit
# messages, paths and script lines that hold terminal codes, through every printer.
. tests/support/golden.sh
esc=$(printf '\033]0;title\007\033[31mred\342\200\256\302\233')
name=$(printf 'x\033[2Jy')

# raw FILE WHAT: no control characters but line ends, none of the second set, no direction marks
raw() {
    LC_ALL=C tr -d '\n' <"$1" | LC_ALL=C grep -q '[[:cntrl:]]' && fail "$2: a control character"
    LC_ALL=C grep -q "$(printf '\302[\200-\237]')" "$1" && fail "$2: one of the second set"
    grep -qF "$(printf '\342\200\256')" "$1" && fail "$2: a mark of direction"
    return 0
}
both() {
    raw "$dir/out" "$1, answer"
    raw "$dir/err" "$1, errors"
}

mkdir -p "$dir/$name"
printf 'a,b,c\n1,2,u\n2,1,v\n3,4,u\n4,3,v\n5,6,u\n6,5,v\n' >"$dir/$name/t.csv"
cat >"$dir/$name/bundle.json" <<JSON
{"format": "lethe bundle", "version": 1, "name": "\u001b]0;title\u0007\u001b[31mred\u202e\u009b",
 "architecture": "mlp:2", "train": {"samples": "t.csv", "label_column": "c"},
 "classes": ["u", "v"], "\u001b[2Jkey": 1, "weight_decay": 0.01}
JSON

# text, JSON, help of what failed
run 0 -c "load $dir/$name; info; train seed=1; forget add 1; forget list; layers"
both "text"
said '\x1b]0;title\x07\x1b[31mred\u202e\u009b'
run 0 --json -c "load $dir/$name; info; train seed=1"
both "json"
said '\u001b]0;title\u0007\u001b[31mred\u202e\u009b'
for line in "load $dir/nowhere$esc" "$esc" "forget add $esc" "set $esc 1" "explain $esc" "plot $esc" \
    "export $dir/none$esc/x.onnx" "select method=$esc"; do
    "$LETHE" --no-rc -c "load sample_models/digits-logreg" -c "$line" >"$dir/out" 2>"$dir/err" </dev/null
    both "error of '$(printf %s "$line" | tr -d '[:cntrl:]')'"
    "$LETHE" --no-rc --json -c "$line" >"$dir/out" 2>"$dir/err" </dev/null
    both "error in json"
done

"$LETHE" --no-rc -c "load $dir/nowhere$name.onnx" >"$dir/out" 2>"$dir/err" </dev/null
grep -qF 'nowherex\x1b[2Jy.onnx' "$dir/err" || fail "an error does not show what a name holds: $(cat -v "$dir/err")"

# names of classes and of the model's tensors, through the answers, pictures and reports that show them
evil=$(printf '\033[m') && mkdir -p "$dir/m" # as long as the name it takes the place of
LC_ALL=C sed "s/fc1/$evil/g" sample_models/digits-logreg/model.onnx >"$dir/m/model.onnx"
cmp -s "$dir/m/model.onnx" sample_models/digits-logreg/model.onnx && fail "the model has no fc1"
sed "s|\.\./digits/|$PWD/sample_models/digits/|g
s|\"classes\":.*|\"classes\": [\"\\\\u001b]0;t\\\\u202e\\\\u009b\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\",\"j\"],|" \
    sample_models/digits-logreg/bundle.json >"$dir/m/bundle.json"
look="set retrain off; forget add 'class:0[:3]'; forget list; layers; select; blanket 2; preview; leverage
evaluate classes=on; view confusion; view layers; view classes; plot scores"
run 0 -c "load $dir/m; $look; commit x; report $dir/m.html; report $dir/m.md; report $dir/m.json"
both "names"
said '\x1b[m[0]'
said '\x1b]0;t\u202e\u009b'
run 0 --json -c "load $dir/m; $look"
both "names in json"
for report in m.html m.md m.json; do
    tr -d '\t' <"$dir/$report" >"$dir/plain"
    raw "$dir/plain" "$report"
done
if command -v gnuplot >/dev/null 2>&1; then
    run 0 -c "load $dir/m; $look; plot classes to=$dir/classes.svg; plot scores to=$dir/scores.svg"
    for picture in classes scores; do
        tr -d '\t' <"$dir/$picture.svg" >"$dir/svg"
        raw "$dir/svg" "$picture.svg"
    done
fi

# what is said while a command takes long: the line that was typed
if command -v script >/dev/null && mkfifo "$dir/$name/late.csv"; then
    (
        left=150
        while [ "$left" -gt 0 ] && ! grep -qsF 'x1b[2Jy' "$dir/all"; do
            left=$((left - 1))
            sleep 0.1
        done
        cat "$dir/$name/t.csv" >"$dir/$name/late.csv"
    ) &
    printf '%s' "data '$dir/$name/late.csv'" >"$dir/late.lethe"
    TERM=xterm script -qefc "'$LETHE' --no-rc -f '$dir/late.lethe'" /dev/null </dev/null >"$dir/all" 2>&1
    grep -qF 'x1b[2Jy' "$dir/all" || fail "nothing is said while a command takes long"
    sed 's/\x1b\[K//g; s/\x1b\[[0-9]*m//g' "$dir/all" | tr -d '\r' >"$dir/out" # lethe's own
    raw "$dir/out" "the busy line"
fi

# words of the command line
"$LETHE" --no-rc --threads "$esc" >"$dir/out" 2>"$dir/err" </dev/null
both "options"
"$LETHE" --no-rc -f "$dir/$esc" >"$dir/out" 2>"$dir/err" </dev/null
both "script"

# commit messages: the log, the report, a plot, what the next start says
run 0 --session "$dir/S" -c "load sample_models/digits-logreg; set retrain off; forget add 17; blanket all; commit \"$esc\"; log; report $dir/r.html; report $dir/r.md; report $dir/r.json; plot history"
both "commit"
said '\x1b]0;t'
for report in r.html r.md r.json; do
    tr -d '\t' <"$dir/$report" >"$dir/plain"
    raw "$dir/plain" "$report"
done
run 0 --session "$dir/S" -c "log"
both "session"
said '\x1b]0;t'

# gnuplot
if command -v gnuplot >/dev/null 2>&1; then
    run 0 --session "$dir/S" -c "plot history to=$dir/h.svg"
    tr -d '\t' <"$dir/h.svg" >"$dir/svg" # of gnuplot itself
    raw "$dir/svg" "svg"
fi

# progress: the name of a job is the line that was typed
if command -v tmux >/dev/null 2>&1; then
    socket=lethe-hostile-$$
    tmux -L "$socket" -f /dev/null new-session -d -x 80 -y 24 \
        "env LC_ALL=C.UTF-8 TERM=screen-256color '$LETHE' --tui --no-rc '$dir/$name'; sleep 60"
    left=300
    while [ "$left" -gt 0 ] && ! tmux -L "$socket" capture-pane -p | grep -qF 'x1b]0;title'; do
        left=$((left - 1))
        sleep 0.1
    done
    tmux -L "$socket" send-keys ':' 'forget add 1' Enter
    named=100
    while [ "$named" -gt 0 ] && ! tmux -L "$socket" capture-pane -p | grep -qF 'forget #1 (v)'; do
        named=$((named - 1))
        sleep 0.1
    done
    tmux -L "$socket" capture-pane -p -e >"$dir/out"
    tmux -L "$socket" display-message -p '#{pane_title}' >"$dir/err"
    tmux -L "$socket" kill-server
    [ "$left" -gt 0 ] || fail "the screen does not show the name as escapes"
    [ "$named" -gt 0 ] || fail "the header does not name the class"
    grep -q "^title" "$dir/err" && fail "the title of the terminal was set"
fi
# an option, too, is shown in words of our own
"$LETHE" "--no$(printf '\033[31m')" >"$dir/out" 2>"$dir/err"
[ $? -eq 2 ] && grep -qF 'no such option, or no single one: '"'--no\x1b[31m'" "$dir/err" || fail "an unknown option is shown raw"
exit 0
