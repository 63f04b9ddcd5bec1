# Blankets of single weights, from selection to commit and back, and the form that fits a step to
# the outcome of the whole one.
. tests/support/golden.sh
B="set retrain off; load sample_models/digits-mlp-mislabelled; forget add 9"
W="$B; select method=weights"

# a tenth of the parameters by default; the answer counts them by unit
run 0 --json -c "$W"
said '"order":"kl"'
[ "$(number blanket)" = 278 ] || fail "auto is not a tenth"
[ "$(number ordered)" = 2778 ] || fail "not every weight is in the order"
said '"weight":"fc1.weight[22,46]"'
said '"unit":"fc1[22]","weights":'
run 0 --json -c "$W order=step max=3"
said '"order":"step"'
said '"weight":"fc1.weight[22,35]"'

# sizes: a number, a share, steps; a share of units too
run 0 --json -c "$B; blanket 4% weights; show select.method; preview; blanket +9; preview"
said '"value":"weights"'
said '"parameters":111,'
said '"parameters":120,'
run 0 --json -c "$B; select method=gradnorm; blanket 5%; preview"
holds "$(number parameters) <= 138 && $(number parameters) > 100"
refused 1 "the blanket can hold 0 to 2778 weights, not 2779" "$W; blanket 2779"
refused 1 "the blanket can hold 0 to 2778 weights" "$B; blanket 9999 weights"
refused 1 "there is no layer 'fc9'" "$B; select method=weights within=layer:fc9"
refused 1 "within: 'all', 'blanket'" "$B; select method=weights within=units"

# where they may be
run 0 --json -c "$W within=layer:fc3,fc2"
grep -q '"unit":"fc1' "$dir/out" && fail "within=layer: does not keep to it"
[ "$(number ordered)" = 698 ] || fail "not the weights of two layers"
run 0 --json -c "$B; select; select method=weights within=blanket"
[ "$(tail -n 1 "$dir/out" | grep -o '"unit":' | wc -l)" -le \
    "$(head -n 4 "$dir/out" | tail -n 1 | grep -o '"unit":' | wc -l)" ] || fail "beyond L-FOCI's blanket"

# the form: outcome by default, and better than the restricted step; all of it is the whole step
run 0 --json -c "set retrain on; set retrain.tolerance 1e-4; load sample_models/digits-mlp-mislabelled; forget add 9; \
    blanket 278 weights; preview; form residual; preview; form auto; blanket 2778; preview; blanket all; preview; \
    select method=gradnorm; blanket 5; preview; form outcome; preview"
sed -n '/"command":"preview"/p' "$dir/out" >"$dir/previews"
kl() { sed -n "$1p" "$dir/previews" >"$dir/out"; number kl forget now; }
fitted=$(kl 1) restricted=$(kl 2) every=$(kl 3) whole=$(kl 4)
holds "$(kl 6) < $(kl 5)" # units with the form outcome
holds "$fitted < $restricted / 5 && $fitted < 0.03"
holds "$every - $whole < 1e-6 && $whole - $every < 1e-6"
sed -n 1p "$dir/previews" >"$dir/out"
said '"form":"outcome"'
sed -n 2p "$dir/previews" >"$dir/out"
said '"form":"residual"'

# a commit changes those weights alone; undo, redo and the same commands come back to it
R="set retrain off; load sample_models/rings; forget add 3; select method=weights"
run 0 --json -c "$R; blanket 40; commit forty weights; log; diff head~1 head; undo; info; redo"
id=$(sed -n 's/.*"command":"commit".*"id":"\([0-9a-f]*\)".*/\1/p' "$dir/out")
grep -q '"command":"diff".*"weights_changed":40,' "$dir/out" || fail "more than forty weights changed"
grep -q "\"command\":\"redo\".*\"head\":\"$id\"" "$dir/out" || fail "redo goes elsewhere"
run 0 --json --threads 3 -c "$R; blanket 40; commit forty weights"
[ "$(number id | tr -d '"')" = "$id" ] || fail "another id with three threads"
run 0 --json -c "$R; blanket 200; preview; damping 1e-4; preview; damping auto; blanket 40; preview; commit forty weights"
[ "$(number id | tr -d '"')" = "$id" ] || fail "another id after a walk along the sliders"
run 0 --json -c "$R order=step; blanket 40; commit forty weights"
[ "$(number id | tr -d '"')" != "$id" ] || fail "the order does not change the id"
# as a script
run 0 --json -c "$R; blanket 40; commit forty weights; save $dir/forty.lethe"
run 0 --json -f "$dir/forty.lethe"
grep -q "\"id\":\"$id\"" "$dir/out" || fail "the script of a session ends at another commit"

