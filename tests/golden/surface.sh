# surface: every blanket size at every damping, before and after there is a retrained model.
. tests/support/golden.sh
begin="load sample_models/digits-logreg; set retrain off; forget add 17; select method=gradnorm"

refused 1 "'surface' needs samples to forget" "load sample_models/digits-logreg; surface"
refused 1 "rows must be a whole number from 2 to 40" "$begin; surface rows=1"
refused 1 "did you mean 'coarse'?" "$begin; surface coarsee"

run 0 -c "$begin; blanket 3; surface rows=4 columns=4"
said "predicted change of the forget loss"
said "no retraining yet"
[ "$(grep -c '^ .*|.*\[.\]' "$dir/out")" -eq 1 ] || fail "the point that is set is not marked once"

run 0 --json -c "$begin; retrain warm; blanket 10; damping 0.5; surface rows=5 columns=10"
said '"sizes":[1,2,3,4,5,6,7,8,9,10]'
holds "$(number now damping) == 0.5 && $(number now units) == 10"
# all units and hardly any damping is nearest to retraining, and a thousandth of the distance before
holds "$(number nearest units) == 10 && $(number nearest damping) < 1e-3"
holds "$(number nearest kl_forget) < 1e-3 * $(number before)"

# the cell of a preview is the preview
run 0 --json -c "$begin; retrain warm; blanket 3; damping 0.01; surface rows=8 columns=5"
cell=$(number now value)
run 0 --json -c "$begin; retrain warm; blanket 3; damping 0.01; preview"
now=$(number kl forget now)
holds "$cell > 0 && ($cell - $now) / $cell < 1e-6 && ($now - $cell) / $cell < 1e-6"

# so it is of what is missed, in probabilities and in logits; before the step all of it is
for value in probs:recovery_probs logits:recovery change-probs:change_probs change-logits:change; do
    run 0 --json -c "$begin; retrain warm; blanket 3; damping 0.01; surface rows=8 columns=5 value=${value%:*}"
    cell=$(number now value)
    holds "$(number before) > 0.999 && $(number before) < 1.001 && $(number nearest units) == 10"
    run 0 --json -c "$begin; retrain warm; blanket 3; damping 0.01; preview"
    now=$(tail -n 1 "$dir/out" | grep -o "\"${value#*:}\":{\"before\":[^,]*,\"now\":[^,]*" | sed 's/.*://')
    holds "1 - $cell - $now < 1e-6 && $now - (1 - $cell) < 1e-6"
done

# fitted to an outcome, of weights or units, and ordered anew at the damping: still the preview's
for form in 'select method=weights; blanket 20' 'select method=weights order=step; form residual; blanket 60' \
    'select method=gradnorm; form outcome; blanket 3'; do
    run 0 --json -c "$begin; retrain warm; $form; damping 1e-3; surface rows=4 columns=4"
    cell=$(number now value)
    row=$(tail -n 1 "$dir/out" | sed 's/.*"cells"://; s/\].*/]/')
    run 0 --json -c "$begin; retrain warm; $form; damping 1e-3; preview"
    now=$(number kl forget now)
    holds "$cell > 0 && ($cell - $now) / $cell < 1e-6 && ($now - $cell) / $cell < 1e-6"
    # the same row at 0, seen from there
    run 0 --json -c "$begin; retrain warm; $form; damping 0; surface rows=2 columns=4"
    [ "$(tail -n 1 "$dir/out" | sed 's/.*"cells"://; s/\].*/]/')" = "$row" ] ||
        fail "$form: the row at 0 depends on the damping that is set"
done
run 0 -c "$begin; select method=weights; update passes=2; surface rows=2 columns=2"
grep -q 'first step alone' "$dir/out" && fail "passes are in the target of weights"
run 0 -c "$begin; update steps=2; surface rows=2 columns=2"
said 'the cells are of the first step alone'
