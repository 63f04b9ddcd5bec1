# One removal on the digits from selection to commit and back. Figures are compared with tolerance:
# processors differ in the last bits.
. tests/support/golden.sh
B="load sample_models/digits-mlp; forget add 17"
C="load sample_models/digits-logreg; forget add 17" # where only the history is looked at

# where every instruction costs a hundred (memcheck), a small blanket stands for the whole model in
# what is about commits
whole="blanket all"
[ -z "${LETHE_MEMCHECK:-}" ] || whole="select; blanket 4"

# one unit for each: the order is that of L-FOCI, the first the unit with the largest T
run 0 --json -c "$B; select"
said '"method":"lfoci"'
said '"stopped":"no gain"'
first=$(number blanket score)
holds "$first > 0.3 && $first <= 1"
run 0 --json -c "$B; select; scores fc3 top=1"
holds "$(number marginal) >= $first - 1e-9 && $(number marginal) <= $first + 1e-9"

# the whole model, Gauss-Newton, no damping: close to retraining
run 0 --json -c "$B; blanket all; preview"
[ "$(number parameters)" = 2778 ] || fail "parameters"
[ "$(number units)" = 58 ] || fail "units"
said '"form":"residual"'
holds "$(number kl forget now) <= $(number kl forget before) / 5"
holds "$(number residual_gradient now) < 0.1"
holds "$(number retain accuracy now) >= 0.999"

if [ "${LETHE_TEST_SHARE:-1}" = 1 ]; then
# softmax regression: one Newton step is nearly the retrained model
run 0 --json -c "load sample_models/digits-logreg; forget add 17; blanket all; curvature hessian; preview"
holds "$(number recovery now) >= 0.99"
run 0 --json -c "load sample_models/digits-logreg; forget add 0-19; blanket all; curvature hessian; preview"
holds "$(number recovery now) >= 0.98"

fi

# without retraining its column is not known, and JSON says null
run 0 --json -c "set retrain off; $B; blanket all; preview"
[ "$(number forget loss retrain)" = null ] || fail "retrain column without retraining"
[ "$(number recovery now)" = null ] || fail "recovery without retraining"

# a commit moves the head; undo brings model and forget set back, redo goes forward to the same id
run 0 --json -c "set retrain off; $C; $whole; commit a wrong label; info; undo; info; redo; log"
said '"forget":[17],"message":"a wrong label"'
id=$(sed -n 's/.*"command":"commit".*"id":"\([0-9a-f]*\)".*/\1/p' "$dir/out")
[ ${#id} -eq 64 ] || fail "no id of 64 digits"
grep -q "\"command\":\"redo\".*\"head\":\"$id\"" "$dir/out" || fail "redo goes elsewhere"
grep -q '"command":"info".*"forgotten":1,"forget":0' "$dir/out" || fail "after the commit"
grep -q '"command":"info".*"forgotten":0,"forget":1' "$dir/out" || fail "after undo"

# the same commands give the same commit, whatever the threads
run 0 --json --threads 3 -c "set retrain off; $C; $whole; commit a wrong label"
[ "$(number id | tr -d '"')" = "$id" ] || fail "another id with three threads"
run 0 --json -c "set retrain off; $C; $whole; damping 1e-3; commit a wrong label"
[ "$(number id | tr -d '"')" != "$id" ] || fail "damping does not change the id"

# what cannot be done says why, and changes nothing
refused 1 "the blanket can hold 0 to 58 units, not 59" "$B; blanket 59"
refused 1 "needs a selection" "$B; blanket +1"
refused 1 "the blanket is empty" "$B; blanket 0; commit"
refused 1 "'commit' needs samples to forget" "load sample_models/digits-mlp; commit"
refused 1 "there is no layer 'fc9'" "$B; select; scores fc9"
refused 1 "'k=' is for 'retrain cold'" "$B; retrain warm k=3"
run 1 --keep-going --json -c "$B; blanket 3; blanket 99; show blanket"
said '"value":"3"'

# export and load again: the same weights
run 0 -c "load sample_models/digits-mlp; export $dir/again.onnx precision=float64"
cmp -s sample_models/digits-mlp/model.onnx "$dir/again.onnx" || fail "export changes the file"
run 4 -c "load sample_models/digits-mlp; export $dir/no/such/folder.onnx"

# several forget samples: a union says how many samples chose a unit, one table does not
run 0 --json -c "set retrain off; load sample_models/digits-mlp; forget add 17,18; select; select several=mean; select several=stacked"
grep -q '"command":"select".*"samples":1,"parameters"' "$dir/out" || fail "no votes in a union"
[ "$(grep -c '"command":"select".*"samples":1,"parameters"' "$dir/out")" = 1 ] || fail "votes in one table"
[ "$(grep -o '"blanket":\[{"unit":"[^}]*}' "$dir/out" | sort -u | wc -l)" = 3 ] || fail "the three ways agree"
refused 1 "several" "load sample_models/digits-mlp; forget add 17; select several=some"

# a curvature from a handful of samples promises too much, and the preview says so; it is shrunk
# towards EKFAC, which does not, unless that is off
run 0 -c "set retrain off; load sample_models/digits-logreg; forget add 0-19; blanket all; curvature ggn samples=20; preview"
said "20 curvature samples are few for 650 parameters: the matrix is 78 % EKFAC's"
grep -q "curvature samples=1417" "$dir/out" && fail "a shrunk curvature is called thin"
run 0 -c "set retrain off; load sample_models/digits-logreg; forget add 0-19; blanket all; curvature ggn samples=20; set curvature.shrink off; preview"
said "'curvature samples=1417'"
run 0 -c "set retrain off; load sample_models/digits-logreg; forget add 0-19; blanket all; preview"
grep -q "curvature samples=" "$dir/out" && fail "a good curvature is called thin"
true
