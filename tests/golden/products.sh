# Blankets too large for a matrix: 4,810 parameters, solved with products. All in one run, as the
# model is trained on the way; nth K KEY... is a figure of the K-th preview.
. tests/support/golden.sh
nth() {
    grep '"command":"preview","ok":true' "$dir/out" | sed -n "$1p" | tr '{,' '\n\n' |
        sed -n "s/^\"$2\":\"\{0,1\}\([^\"}]*\).*/\1/p" | head -n 1
}
run 1 --keep-going --json -c "load sample_models/digits-mlp
    train model=mlp:64-64-10 weight_decay=0.05 tolerance=1e-2; set retrain off; forget add 17
    blanket all; form influence; curvature samples=300
    preview; damping 1e-2; preview; damping 0.1; preview; compare damping
    curvature hessian; preview
    curvature released; preview; curvature kfac; preview; leverage
    curvature ggn; leverage; select method=gradnorm; blanket 3; preview
    blanket all; preview
    set solve.settled 0; preview; damping 0; preview"
[ "$(nth 1 parameters)" = 4810 ] || fail "parameters"
grep -q '"command":"preview","ok":true.*"solver":"PCG, EKFAC"' "$dir/out" || fail "not PCG"
for k in 1 2 3 4; do
    holds "$(nth $k solve_residual) <= 0.1 && $(nth $k products) > 3 && $(nth $k products) < 100"
done
# more damping, smaller steps; the step at a damping does not depend on those before it
holds "$(nth 1 update_norm) > $(nth 2 update_norm) && $(nth 2 update_norm) > $(nth 3 update_norm)"
[ "$(nth 3 update_norm)" = "$(nth 7 update_norm)" ] || fail "the step depends on dampings before it"
said '"rule":"now"'
# solved to the end they are hardly different
holds "$(nth 8 solve_residual) <= 1e-3 && $(nth 8 products) > $(nth 7 products)"
holds "$(nth 8 update_norm) / $(nth 7 update_norm) < 1.03 && $(nth 8 update_norm) / $(nth 7 update_norm) > 0.97"
holds "$(nth 9 update_norm) / $(nth 1 update_norm) < 1.2 && $(nth 9 update_norm) / $(nth 1 update_norm) > 0.97"
# of rank one: no matrix either, and named for what it is
[ "$(nth 5 solver)" = "rank one" ] || fail "released is not solved as rank one"
said "emulates the published program"
# what needs a matrix says so; a smaller blanket of the same model has one
said "curvature 'kfac' needs a matrix, of at most 4000 parameters, not 4810"
said "leverage needs a matrix, of at most 4000 parameters, not 4810"
[ "$(nth 6 solver)" = "spectrum" ] || fail "three units have no matrix"
holds "$(nth 6 largest) > 0 && $(nth 6 largest) < 1"

# plain layers, 6,000 samples: a product takes all of them without being asked
run 0 --json -c "load sample_models/fashion-cnn; train model=mlp:8 optimizer=sgd epochs=1; set retrain off
    forget add 17; blanket all; form influence; damping 1; set solve.settled 0.5; preview
    curvature samples=300; preview"
holds "$(nth 1 parameters) > 4000 && $(nth 1 curvature_samples) == 5999 && $(nth 2 curvature_samples) == 300"

# convolutions: as many as a product takes within a third of a second, of 6,000
run 0 --json -c "load sample_models/fashion-cnn; set retrain off; forget add 17; blanket all; damping 10
    set solve.settled 0.9; preview"
holds "$(nth 1 curvature_samples) > 700 && $(nth 1 curvature_samples) < 1500"
