# Sessions on disk: a second process goes on where the first ended, whatever ended it.
. tests/support/golden.sh
S="$dir/kept"

run 0 --json --session "$S" -c "load sample_models/digits-mlp; set retrain off; forget add 17; blanket all; commit first; forget add 3; damping 1e-2"
id=$(sed -n 's/.*"command":"commit".*"id":"\([0-9a-f]*\)".*/\1/p' "$dir/out")
run 0 --json --session "$S" -c "load sample_models/digits-mlp; info; show damping; forget list"
grep -q "\"head\":\"$id\"" "$dir/out" || fail "the head is another one"
grep -q '"command":"info".*"forgotten":1,"forget":1' "$dir/out" || fail "the forget set is lost"
said '"value":0.01'
said '"forget":"3"'

# saved and opened elsewhere
run 0 --json --session "$S" -c "load sample_models/digits-mlp; save $dir/copy"
said "still contains what was forgotten"
run 0 --json -c "open $dir/copy; info"
said "\"head\":\"$id\""

# two commands on one session; another model; damaged files
refused 4 "" "open $dir/nowhere"
run 3 --session "$S" -c "load sample_models/digits-logreg"
cp -r "$S" "$dir/cut"
head -c 100 "$S/head.json" >"$dir/cut/head.json"
run 3 --session "$dir/cut" -c "load sample_models/digits-mlp"
[ "$(wc -l <"$dir/err")" -eq 1 ] || fail "not one line about a damaged session"
cp -r "$S" "$dir/bits"
blob=$(ls "$dir/bits/blobs" | head -1)
printf 'X' | dd of="$dir/bits/blobs/$blob" bs=1 seek=64 conv=notrunc 2>/dev/null
run 3 --session "$dir/bits" -c "load sample_models/digits-mlp"
grep -qF "$blob" "$dir/err" || fail "does not name the damaged file"

# the same state committed anew has the later message; the way there is one line of the journal each
run 0 --json --session "$dir/acts" -c "load sample_models/digits-logreg; set retrain off; forget add 17; blanket all; commit foo; undo; commit bar"
run 0 --json --session "$dir/acts" -c "load sample_models/digits-logreg; log"
said '"message":"bar"'
said '"earlier":[{"time":'
[ "$(grep -o '"state":"' "$dir/out" | wc -l)" -eq 2 ] || fail "the state is there twice"
run 0 --json -c "replay $dir/acts"
said '"same":true'

# whatever the umask, a session is for its owner alone; an older one becomes so
for mask in 000 022 777; do
    (umask $mask && "$LETHE" --no-rc --session "$dir/private$mask" -c "load sample_models/digits-logreg; set retrain off; forget add 17; blanket all; commit a; forget add 3; audit n=1" >/dev/null 2>&1)
    open=$(find "$dir/private$mask" ! -perm 700 -type d -o ! -perm 600 -type f)
    [ -z "$open" ] || fail "umask $mask leaves open: $open"
    [ -n "$(ls "$dir/private$mask/retrains")" ] || fail "umask $mask: no retrained models"
    [ -e "$dir/private$mask/head.json" ] || fail "umask $mask: no session"
done
chmod 755 "$dir/acts" "$dir/acts/blobs" && chmod 644 "$dir/acts/blobs"/*
run 0 --session "$dir/acts" -c "load sample_models/digits-logreg"
[ -z "$(find "$dir/acts" -perm /077)" ] || fail "an older session stays open to others"

# a forget set that cannot be is dropped with a word, the history goes on (as an older program's
# crash could leave it)
cp -r tests/fixtures/impossible "$dir/impossible"
run 0 --session "$dir/impossible" -c "load sample_models/digits-logreg; log; forget list"
said "the forget set that was not committed was dropped: sample 17"
grep -q "^count  *0" "$dir/out" || fail "the impossible forget set is there"

# a session of a newer program is refused with one line
cp -r "$dir/acts" "$dir/newer"
sed 's/"version": 2/"version": 3/' "$dir/acts/head.json" >"$dir/newer/head.json"
refused 3 "was written by a newer lethe" "open $dir/newer"

# a model trained on samples that no bundle names: its session goes on with the same samples loaded
i=0
echo "a,b,label" >"$dir/t.csv"
while [ $i -lt 60 ]; do
    echo "$((i % 7)).$i,-$((i % 5)),$((i % 2))"
    i=$((i + 1))
done >>"$dir/t.csv"
data="data $dir/t.csv train=0:40 heldout=40:60"
run 0 -c "$data; train model=logreg weight_decay=0.01; set retrain off; forget add 3; blanket all; commit kept; save $dir/unnamed"
said "knows its samples by their hash alone"
refused 1 "on samples that no bundle names: 'data PATH' as it was then" "open $dir/unnamed"
refused 3 "the data that is loaded is not what this session began with" "data $dir/t.csv; open $dir/unnamed"
run 0 -c "$data; open $dir/unnamed; log; undo; redo; forget add 5; commit more"
said "kept"

# a bundle given by a path from one folder is found from another, beside a session that moved along
# with it, and where it is said to be now; when it is gone the message says what was looked for
mkdir "$dir/tree" && cp -r sample_models/moons sample_models/moons-logreg "$dir/tree"
(cd "$dir/tree" && "$LETHE" --no-rc --session S -c "load moons-logreg; set retrain off; forget add 3; commit there") >"$dir/out" 2>"$dir/err" ||
    fail "no session of a relative path"
run 0 --session "$dir/tree/S" -c "log"
said there
mkdir "$dir/tree/sub" # another file of the same name here does not stand in its place
echo "not a bundle" >"$dir/tree/sub/moons-logreg"
(cd "$dir/tree/sub" && "$LETHE" --no-rc --session ../S -c "log") >"$dir/out" 2>"$dir/err" || fail "takes another file of that name"
mv "$dir/tree" "$dir/moved"
run 0 --session "$dir/moved/S" -c "log"
said there
mv "$dir/moved/moons-logreg" "$dir/moved/renamed"
run 4 --session "$dir/moved/S" -c "log"
[ "$(wc -l <"$dir/err")" -eq 1 ] || fail "not one line about a bundle that is gone"
grep -q "was begun with is gone: no '.*/tree/moons-logreg', nor '.*/moved/moons-logreg'; say where it is now" "$dir/err" ||
    fail "does not name what was looked for"
run 0 --session "$dir/moved/S" "$dir/moved/renamed" -c "forget add 4; commit again"
run 0 --session "$dir/moved/S" -c "log"
said again
