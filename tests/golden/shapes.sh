# The JSON of select, preview and commit: exactly these keys, in this order, whatever their values.
. tests/support/golden.sh

# keys of the last answer: every value that is no object, list or text becomes 0
shape() {
    tail -n 1 "$dir/out" | sed -E 's/"[^"]*"([],}])/0\1/g; s/:(-?[0-9][0-9.eE+-]*|null|true|false)/:0/g' >"$dir/shape"
}
F='{"before":0,"now":0,"retrain":0,"sd":0,"z":0,"says":0}'

run 0 --json -c "load sample_models/digits-mlp; forget add 17; select max=1"
said '"command":"select","ok":true,"result":{"method":"lfoci","blanket":[{"unit":"fc3['
shape
grep -qF '"blanket":[{"unit":0,"score":0,"cumulative":0,"parameters":0}]' "$dir/shape" || fail "blanket of select"
grep -qF '"stopped":0' "$dir/shape" || fail "stopped of select"

run 0 --json -c "load sample_models/digits-logreg; forget add 17,18; blanket all; preview"
shape
grep -qF "\"result\":{\"forget\":{\"accuracy\":$F,\"loss\":$F},\"retain\":{\"accuracy\":$F,\"loss\":$F},\"heldout\":{\"accuracy\":$F,\"loss\":$F},\"attack\":{\"auc\":$F,\"balanced_accuracy\":$F},\"kl\":{\"forget\":$F,\"retain\":$F,\"heldout\":$F},\"kl_fold\":$F,\"recovery_probs\":$F,\"recovery_probs_train\":$F,\"recovery\":$F,\"change_probs\":$F,\"change_probs_train\":$F,\"change\":$F,\"average_gap\":$F," "$dir/shape" || fail "figures of preview"
grep -qF "\"residual_gradient\":$F,\"more\":{\"js\":$F,\"churn\":$F,\"tug_of_war\":$F,\"percentile\":$F,\"auc_low\":0,\"auc_high\":0},\"update_norm\":0,\"parameters\":0,\"units\":0," "$dir/shape" || fail "step of preview"

run 0 --json -c "set retrain off; load sample_models/digits-logreg; forget add 17,18; blanket all; commit 'two \"of\" them'"
said '"forget":[17,18],"message":"two \"of\" them"'
grep -qE '"result":\{"id":"[0-9a-f]{64}","parent":"[0-9a-f]{64}","model":"[0-9a-f]{64}","forget":\[17,18\]' "$dir/out" || fail "commit"

# no line of an answer is wider than the terminal, and text is aligned without a terminal too
"$LETHE" --no-rc -c help | grep -oE '^  +[a-z-]+' | sed 's/^ */help /' >"$dir/helps"
[ "$(wc -l <"$dir/helps")" -gt 40 ] || fail "commands are missing in help"
"$LETHE" --no-rc --keep-going -f "$dir/helps" >"$dir/out" 2>&1
awk 'length($0) > 80 { print; wide = 1 } END { exit wide }' "$dir/out" || fail "help is wider than 80 columns"
for commands in "help" "help train" "show" "layers" "forget add generated" "forget add 0-200; forget list" "info"; do
    run 0 -c "load sample_models/digits-mlp-mislabelled; $commands"
    awk 'length($0) > 80 { print; exit 1 }' "$dir/out" >"$dir/wide" || { cat "$dir/wide"; fail "wider than 80 columns: $commands"; }
done
