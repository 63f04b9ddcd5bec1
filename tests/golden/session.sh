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
