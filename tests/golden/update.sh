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
