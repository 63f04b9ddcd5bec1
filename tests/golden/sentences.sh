# What a preview says in words, each on a real example: nothing to unlearn, over-unlearned, not
# converged, no z without a spread; and what it leaves to 'metrics'.
. tests/support/golden.sh
load="load sample_models/digits-logreg; forget clear"
net="$load; train model=mlp:8 weight_decay=1e-3 seed=1"
floor="already inside the noise floor: nothing to unlearn"
over="over-unlearned: further from the forget samples than a model that never saw them"

# a well learnt sample: retrained models differ more among themselves than from the original
run 0 --json -c "$net; forget add 3; blanket all; retrain cold k=3; preview"
said "$floor"
holds "$(number cold before) <= $(number cold retrain)"
# fifty threes: there is something to unlearn, and the step comes close
run 0 --json -c "$net; forget add class:3[:50]; blanket all; retrain cold k=3; preview"
grep -qF "$floor" "$dir/out" && fail "says that fifty threes are nothing"
grep -qF "$over" "$dir/out" && fail "calls a step over-unlearned that is not"
holds "$(number cold before) > $(number cold retrain)"
holds "$(number forget loss z) > -2 && $(number forget loss z) < 2"
# a step that goes too far
run 0 --json -c "$net; forget add class:3[:50]; blanket all; retrain cold k=3; curvature fisher; \
    preview"
said "$over"
holds "$(number forget loss z) > 2"

# a sd needs three retrains, and a z needs a sd: softmax regression has one minimum
run 0 --json -c "$net; forget add 3; blanket all; retrain cold k=2; preview"
[ "$(number forget loss z)" = null ] || fail "a z from the warm retrain alone"
run 0 --json -c "$load; forget add 0-19; blanket all; retrain cold k=3; preview"
holds "$(number forget loss sd) == 0"
[ "$(number forget loss z)" = null ] || fail "a z without a spread"
[ "$(number cold z)" = null ] || fail "a z from rounding"
# the control: further training alone would move this model
run 0 --json -c "$load; train model=mlp:8 weight_decay=1e-3 seed=1 epochs=30; forget add 3; \
    blanket all; preview"
said "model not converged"

# metrics: intervals, or why there is none; the retrained model's figures beside
run 0 --json -c "$load; forget add 0-19; blanket all; preview; metrics"
said '"name":"attack.auc"'
said '"now_within":"n/a (N = 184, needs 1000)"'
said '"figure":"js heldout"'
run 0 --json -c "$load; forget add 3; blanket all; preview; metrics attack"
said '"now_within":"n/a (one sample: see percentile)"'
said '"now_within":"n/a (m = 1, needs 10)"'
grep -q '"figure":"js' "$dir/out" && fail "distances among the attacks"
run 0 -c "$load; forget add 0-19; set retrain off; blanket all; preview; metrics distance"
said "no warm retrain to measure distances to"
refused 1 "there is no removal to measure yet: 'preview' first" "$load; forget add 3; metrics"
# what a program reads from a preview, and a person does not see there
run 0 --json -c "$load; forget add 0-19; blanket all; preview"
holds "$(number auc_low) < $(number auc now) && $(number auc now) < $(number auc_high)"
run 0 -c "$load; forget add 0-19; blanket all; preview"
grep -q "churn" "$dir/out" && fail "the preview shows everything"

# info and preview end in plain words: what happened, is it worth it, what next; three sentences at most
closes() {
    run 0 -c "$2"
    awk '/^$/ { text = ""; next } { text = text " " $0 } END { print text }' "$dir/out" >"$dir/last"
    grep -qF -- "$1" "$dir/last" || fail "does not end with '$1': $2: $(cat "$dir/last")"
    [ "$(grep -oE '[.!?]( |$)' "$dir/last" | wc -l)" -le 3 ] || fail "more than three sentences: $(cat "$dir/last")"
}
first="load sample_models/digits-logreg"
closes "Nothing is loaded. 'load PATH' takes" "info"
closes "is a model without data" "load sample_models/digits-logreg/model.onnx; info"
closes "There is data and no model. 'train' makes one" "data rings; info"
closes "1437 samples, and nothing is marked" "$first; info"
closes "are known: 'forget add generated' marks those" "load sample_models/rings; info"
closes "1 of 1437 samples is marked to be forgotten, and nothing has changed" "$first; forget add 3; info"
closes "650 of 650 parameters moved; nothing is kept yet. The verdict: 97 of 97 points" \
    "$first; forget add class:3; blanket all; preview; info"
gone="$first; set retrain off; forget add class:3; blanket all; preview; commit"
closes "146 samples were forgotten in 1 commit; 'audit' asks whether it shows. 'export PATH'" "$gone; info"
closes "The commit ends with the program" "$gone; info"
closes "samples were forgotten in 1 commit" "$gone; forget add 0; info"
closes "samples were forgotten in 1 commit" "$gone; forget add 0; preview; info"
run 0 -c "$first; forget add class:3; blanket all; preview"
said "To forget 146 samples, 650 of 650 parameters moved; nothing is kept yet."
tail -n 1 "$dir/out" | grep -qF "97 of 97 points of forgetting; 'commit' keeps it" || fail "the verdict is not last"
closes "It does harm, as said above the figures; try" "$first; set retrain off; forget add class:3; blanket all; curvature fisher; preview"
exit 0
