# Everything that takes a blanket of units takes one of single weights: why, surface's neighbours
# among the comparisons, sessions, exports, arrays, plots, certificates, removals one by one.
. tests/support/golden.sh
# why of a weight: the first by gain is the one that alone reaches farthest, which is its share
G="set retrain off; load sample_models/digits-logreg; forget add 17; select method=weights order=gain"
run 0 --json -c "$G"
first=$(grep -o '"weight":"[^"]*"' "$dir/out" | head -n 1 | cut -d'"' -f4)
run 0 --json -c "$G; why $first; why fc1.weight[0,0]"
sed -n '/"command":"why"/p' "$dir/out" >"$dir/why"
sed -n 1p "$dir/why" >"$dir/out"
reach=$(number reach)
holds "$(number place) == 1 && $reach > 0 && $reach <= 1 && $(number cumulative) - $reach < 1e-9 && $reach - $(number cumulative) < 1e-9"
sed -n 2p "$dir/why" >"$dir/out"
holds "$(number reach) < $reach"

# tried COMMANDS: lethe may refuse one, in words
tried() {
    "$LETHE" --no-rc --json -c "$1" >"$dir/out" 2>"$dir/err" </dev/null
    got=$?
    [ "$got" -eq 0 ] || [ "$got" -eq 1 ] || [ "$got" -eq 5 ] || fail "exit $got: $1"
    [ "$got" -eq 0 ] || grep -q '"ok":false' "$dir/out" || fail "no word why: $1"
}
S="load sample_models/digits-logreg; forget add 17; select method=weights; blanket 20"

# every curvature is its own one, and aims at its own whole step
run 0 --json -c "$S; curvature hessian; select method=weights; blanket 20; preview; curvature ggn; select method=weights; \
    blanket 20; compare curvatures"
[ "$(tail -n 1 "$dir/out" | grep -o '"kl_forget":[^,]*' | sort -u | wc -l)" -ge 4 ] || fail "curvatures are all the same"
said '"curvature":"hessian","smallest_eigenvalue":'
holds "$(number curvature smallest_eigenvalue) > 0 && $(number curvature degrees_of_freedom) > 0"
# the rows of damping are the previews there, ordered anew
run 0 --json -c "$S; compare damping"
row=$(tail -n 1 "$dir/out" | grep -o '"damping":0.001,"[^}]*' | grep -o '"kl_forget":[^,]*' | cut -d: -f2)
zero=$(number damping kl_forget)
run 0 --json -c "$S; damping 1e-3; preview"
now=$(number kl forget now)
holds "($now - $row) / $now < 1e-6 && ($row - $now) / $now < 1e-6"
run 0 --json -c "$S; preview"
now=$(number kl forget now)
holds "($now - $zero) / $now < 1e-6 && ($zero - $now) / $now < 1e-6"
run 0 --json -c "$S; compare ladder k=0"
said '"rung":"blanket ggn"'
holds "($now - $(number rung rung kl_forget)) / $now < 1e-6 && ($(number rung rung kl_forget) - $now) / $now < 1e-6"
tried "$S; set retrain off; curvature released; preview; curvature paper; preview; curvature kfac; preview"
grep -q '"bug"\|a mistake of lethe' "$dir/out" && fail "an emulated curvature is a bug"

# exported, reopened, compared, plain
run 0 --session "$dir/kept" --json -c "set retrain off; $S"
run 0 --session "$dir/kept" --json -c "info; preview; commit twenty; export $dir/after.onnx"
grep -q '"parameters":20,' "$dir/out" || fail "a session does not come back to its weights"
id=$(grep '"command":"commit"' "$dir/out" | sed 's/.*"id":"\([^"]*\).*/\1/')
run 0 --json -c "set retrain off; $S; commit twenty"
grep -q "\"id\":\"$id\"" "$dir/out" || fail "reopened it is another commit"
run 0 --session "$dir/kept" --json -c "undo; redo; seal receipt=$dir/receipt; seal verify $dir/receipt"
said "\"command\":\"seal\",\"ok\":true"
[ -s "$dir/after.onnx" ] || fail "nothing was exported"
run 0 --plain -c "set retrain off; $S; preview; why fc1.weight[7,38]"
said "form                 outcome"
said "reach"
run 0 --json -c "set retrain off; $S; certificate"
said "void"
run 0 --json -c "set retrain off; $S; preview; dump delta to=$dir/delta.npz; dump scores to=$dir/scores.npz; plot scores"
[ -s "$dir/delta.npz" ] && [ -s "$dir/scores.npz" ] || fail "an array is not written"
tried "set retrain off; $S; leverage"
grep -q '"code":"bug"' "$dir/out" && fail "leverage of a blanket of weights is a bug"
printf '17\n18\n' >"$dir/ids"
run 0 --json -c "$S; forget clear; set retrain off; remove-each $dir/ids"
said '"command":"remove-each","ok":true'
