# update steps=N and noise: what they change, and what they refuse.
. tests/support/golden.sh
L="load sample_models/digits-logreg; set retrain off; forget add 0-19; blanket all"

# the objective is convex: each further step halves the way at least, and the first is as it was
run 0 --json -c "$L; preview; update steps=2; preview; update; update steps=1; preview"
gradient() { grep '"command":"preview"' "$dir/out" | sed -n "$1s/.*\"residual_gradient\":{[^}]*\"now\":\([^,]*\).*/\1/p"; }
holds "$(gradient 2) < $(gradient 1) / 10"
[ "$(gradient 1)" = "$(gradient 3)" ] || fail "one step is another one after two"
grep -q '"command":"update","ok":true,"result":{"steps":2,"passes":0}' "$dir/out" || fail "does not show the steps"
run 0 --json -c "$L; update steps=2; form influence; certificate"
said "there is more than one step ('update steps=1')"
refused 1 "steps must be a whole number from 1 to 20, not '0'" "update steps=0"

# passes: from the step towards retraining; their path begins after the step and ends at the figures
P="load sample_models/digits-logreg; forget add 0-19; blanket all"
run 0 --json -c "$P; preview; update passes=5; preview"
sed -n '/"command":"preview"/p' "$dir/out" >"$dir/previews"
grep -q '"command":"update".*this is warm retraining, and its end is the yardstick' "$dir/out" ||
    grep -q 'with enough passes this is warm retraining' "$dir/out" || fail "does not say what many passes are"
sed -n 1p "$dir/previews" >"$dir/out"
loss=$(number forget loss now) kl=$(number kl forget now) gradient=$(number residual_gradient now)
grep -q '"path"' "$dir/out" && fail "a path without passes"
sed -n 2p "$dir/previews" >"$dir/out"
[ "$(number path forget_loss)" = "$loss" ] || fail "the path does not begin after the step"
holds "$(number kl forget now) < $kl && $(number residual_gradient now) < $gradient / 2"
holds "$(number passes_over_the_data) >= 3"
grep -o '"pass":[0-9]*' "$dir/out" | tr -d '\n' | grep -q '^"pass":0"pass":1"pass":2' ||
    fail "the path has not 0, 1, 2 and its end"
[ "$(grep -o '"kl_forget":[^,]*' "$dir/out" | tail -n 1 | cut -d: -f2)" = "$(number kl forget now)" ] ||
    fail "the path does not end at the figures"
falls=$(grep -o '"objective":[^,]*' "$dir/out" | cut -d: -f2 | sort -gr | tr '\n' ' ')
[ "$falls" = "$(grep -o '"objective":[^,]*' "$dir/out" | cut -d: -f2 | tr '\n' ' ')" ] || fail "F_R rises along the path"
# many of them are warm retraining
run 0 --json -c "$P; update passes=200; preview"
holds "$(number kl forget now) < 1e-10 && $(number recovery now) > 0.9999 && $(number residual_gradient now) < 1e-6"
run 0 -c "$P; update passes=3; preview; plot path"
said "iterations after the step"
refused 1 "there is no path yet: 'update passes=16; blanket all; preview' first" "$P; preview; plot path"
# committed, replayed, with any number of threads
run 0 --json -c "$L; update passes=3; commit; save $dir/passes.lethe"
id=$(grep '"command":"commit"' "$dir/out" | sed 's/.*"id":"\([^"]*\).*/\1/')
run 0 --json --threads 3 -f "$dir/passes.lethe"
grep -q "\"id\":\"$id\"" "$dir/out" || fail "passes are not replayed"
run 0 --json -c "$L; commit"
[ "$(number id | tr -d '"')" != "$id" ] || fail "passes do not change the id"
# a blanket of units has no passes of its own; fitted, it aims at where they lead
refused 1 "passes go on with the whole network: 'blanket all', or 'form outcome'" \
    "$L; select method=gradnorm; blanket 3; update passes=2; preview"
run 0 --json -c "$L; select method=gradnorm; blanket 3; form outcome; update passes=2; preview"
said '"pass":2'
run 0 --json -c "$P; select method=weights; blanket 10%; preview; update passes=20; preview"
sed -n '/"command":"preview"/p' "$dir/out" >"$dir/previews"
sed -n 1p "$dir/previews" >"$dir/out"
kl=$(number kl forget now)
sed -n 2p "$dir/previews" >"$dir/out"
said '"form":"outcome"'
holds "$(number kl forget now) < 2 * $kl && $(number parameters) == 65"
refused 1 "passes must be a whole number from 0 to 1000" "update passes=1001"
refused 1 "passes must be a whole number" "update passes=-1"

# noise stands on every parameter, from the seed; what is committed has it
N="load sample_models/digits-logreg; set retrain off; forget add 17; blanket all; form influence"
run 0 --json -c "$N; preview"
quiet=$(number retain loss now)
run 0 --json -c "$N; noise eps=1,delta=1e-5; preview"
loud=$(number retain loss now)
holds "$loud > 100 * $quiet"
holds "$(number noise) > 7.2e3 && $(number noise) < 7.4e3"
run 0 --json -c "$N; noise eps=1 delta=1e-5; commit"
id=$(number id)
run 0 --json -c "$N; noise eps=1 delta=1e-5; commit"
[ "$(number id)" = "$id" ] || fail "noise of one seed makes two models"
run 0 --json -c "$N; set seed 1; noise eps=1 delta=1e-5; commit"
[ "$(number id)" != "$id" ] || fail "noise does not look at the seed"
run 0 --json -c "$N; noise eps=4; preview"
holds "$(number noise) < 2.5e3"
run 0 --json -c "$N; noise eps=1; noise off; preview"
[ "$(number retain loss now)" = "$quiet" ] || fail "noise off leaves noise"
run 0 -c "noise; noise eps=0.5,delta=1e-6; noise"
same <<'EOF'
noise  off
noise  on
eps    0.5
delta  1e-06
noise  on
eps    0.5
delta  1e-06
EOF

# without a certificate there is nothing to certify with noise
refused 1 "the certificate is void: damping is not 0 ('damping 0'): 'noise off' goes without" \
    "$N; damping 1e-3; noise eps=1; preview"
refused 1 "the model is not softmax regression" "load sample_models/digits-mlp; set retrain off; \
    forget add 3; select method=gradnorm; blanket 1; noise eps=1; preview"
refused 1 "noise.delta must be a number above 0" "noise eps=1,delta=0"
refused 1 "needs an eps too" "noise delta=1e-6"
refused 1 "takes no eps" "noise off eps=1"
refused 1 "noise.eps must be a number from 0 to 100" "noise eps=much"
