# remove-each: one commit a sample, the stop at the gap, going on where a run ended.
. tests/support/golden.sh
begin="load sample_models/digits-logreg; blanket all"

run 0 --json -c "$begin; remove-each 3,17,30-32"
holds "$(number removed) == 5 && $(number left) == 0"
holds "$(number forget_loss) > $(number forget_loss_before)"
one=$(tail -n 1 "$dir/out")

# beside retraining: how many times nearer each came, and the quartiles over all
run 0 --json -c "$begin; remove-each 3,17,30-32 retrain=on"
said '"kl_fold_quartiles":['
holds "$(number kl_fold) > 1000 && $(number recovery_probs) > 0.9 && $(number recovery_probs) <= 1"
tail -n 1 "$dir/out" | sed 's/,"kl_fold":[^,]*,"recovery_probs":[^,]*,"time":[^}]*//g' >"$dir/beside"
echo "$one" | sed 's/,"time":[^}]*//g' >"$dir/alone"
[ "$(grep -o '"residual_gradient":[^,}]*' "$dir/beside")" = "$(grep -o '"residual_gradient":[^,}]*' "$dir/alone")" ] ||
    fail "retraining beside it changes the removals"

# the same commits as by hand, and a list in a file is the same list
run 0 --json -c "$begin; set retrain off; forget add 3; commit; forget add 17; commit; log"
by_hand=$(sed -n 's/.*"head":"\([0-9a-f]*\)".*/\1/p' "$dir/out" | tail -n 1)
printf '17\n3\n' >"$dir/ids.txt"
run 0 --json -c "$begin; remove-each $dir/ids.txt; log"
[ "$(sed -n 's/.*"head":"\([0-9a-f]*\)".*/\1/p' "$dir/out" | tail -n 1)" = "$by_hand" ] ||
    fail "other commits than by hand"

# without a pass over what is retained: the same commits, figures of forget and held-out samples only
head_of() {
    sed -n 's/.*"head":"\([0-9a-f]*\)".*/\1/p' "$dir/out" | tail -n 1
}
run 0 --json -c "$begin; remove-each 3,17 figures=heldout; log; set retrain off; forget add 30; preview"
[ "$(head_of)" = "$by_hand" ] || fail "other commits without figures"
grep '"command":"remove-each"' "$dir/out" | grep -q residual_gradient && fail "measures what it was to leave out"
tail -n 1 "$dir/out" | grep -q '"partial"' && fail "a preview after it is partial"
held=$(grep '"command":"remove-each"' "$dir/out" | grep -o '"heldout_accuracy":[^,]*')
run 0 --json -c "$begin; remove-each 3,17"
[ "$(grep '"command":"remove-each"' "$dir/out" | grep -o '"heldout_accuracy":[^,]*')" = "$held" ] || fail "not of the tune half"
refused 1 "'figures=all'" "$begin; remove-each 3 retrain=on figures=heldout"
# several at once: one step and commit for them, the last for what is left
run 0 --json -c "$begin; set retrain off; forget add 3,17; commit; forget add 30; commit; log"
by_hand=$(head_of)
run 0 --json -c "$begin; remove-each 3,17,30 by=2; log"
[ "$(head_of)" = "$by_hand" ] || fail "several at once are not one commit"
said '"sample":3,"samples":2,'
said '3 of 3 samples are removed, 2 at a time, steps of the whole network'
said '"their loss is '
grep -q '"removed":3' "$dir/out" || fail "counts steps, not samples"

# a session goes on: what was forgotten is left out, or named
run 0 --session "$dir/session" -c "$begin; remove-each 3,17"
run 0 --json --session "$dir/session" -c "$begin; remove-each 3,17,30 resume; forget list"
said '"sample":30'
grep -q '"sample":17' "$dir/out" && fail "forgets a sample twice"
refused 1 "sample 3 was forgotten before" "$begin; remove-each 3; remove-each 3,4"

# the stop: the sample that would cost too much is chosen and not removed; retrain is as it was
run 0 --json -c "load sample_models/digits-logreg; blanket all; form influence; \
    remove-each class:7 gap=0; show retrain"
said '"setting":"retrain","value":"on"'
grep -q "stopped before sample" "$dir/out" || fail "does not say why it stopped"
said ' samples of class 7 are removed'
refused 1 "must be a number from 0 to 1" "$begin; remove-each 3 gap=2"
refused 1 "'remove-each' needs a model" "remove-each 3"
