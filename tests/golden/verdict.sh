# The verdict under a preview, over several real situations: it leads when the step does harm, and
# stands in text and in JSON.
. tests/support/golden.sh
model="load sample_models/digits-logreg"

# verdict TEXT COMMANDS: the sentence is in the JSON answer
verdict() {
    run 0 --json -c "$model; $2; preview"
    grep -q "\"verdict\":\"[^\"]*$1" "$dir/out" || fail "no verdict with '$1': $2"
}

# without retraining nothing is promised
run 0 -c "$model; set retrain off; forget add class:3; blanket all; preview"
tail -n 2 "$dir/out" | tr '\n' ' ' | grep -q 'how far retraining goes is not known yet' ||
    fail "the verdict is not the last sentence"
verdict "the blanket is empty" "set retrain off; forget add class:3; blanket 0"

# a class: forgetting in points; one sample: by the distance
verdict "97 of 97 points of forgetting; 'commit' keeps it" "forget add class:3; blanket all"
verdict "1 of 97 points of forgetting: not enough; try less damping: 'damping 1'" \
    "forget add class:3; blanket all; damping 10"
verdict "times nearer to retraining than before; 'commit' keeps it" "forget add 17; blanket all"

# a model that was not trained to its minimum: retraining is no yardstick
run 0 --json -c "train model=mlp:16-8 data=rings epochs=5; forget add 3; blanket all; preview"
grep -q "\"verdict\":\"the model was not trained to a minimum[^\"]*'train continue' first" "$dir/out" ||
    fail "no word of the unfinished training"

# harm comes before the figures
verdict "worse than doing nothing: KL to retraining" "forget add 17; blanket all; curvature released"
verdict "worse than doing nothing: of the retained samples" \
    "forget add class:3; blanket all; curvature fisher"
run 0 -c "$model; forget add class:3; blanket all; curvature fisher; preview"
harm=$(grep -n 'worse than doing nothing' "$dir/out" | head -1 | cut -d: -f1)
figures=$(grep -n 'before .*now .*retrain' "$dir/out" | head -1 | cut -d: -f1)
holds "${harm:-9999} < ${figures:-0}"
