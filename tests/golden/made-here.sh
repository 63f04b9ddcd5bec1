# A model made here (train, smooth) is in no file but the session saved with it: opened again, it is
# the same to the last bit, and sealing leaves nothing of what came before.
. tests/support/golden.sh

B="load sample_models/digits-mlp; train model=mlp:16 activation=relu seed=1 epochs=60; smooth 0.1; \
    train continue epochs=200; set retrain off; forget add 3; blanket all; preview; commit"
S="$dir/kept"
run 0 --json -c "$B; save $S; evaluate"
tail -n 1 "$dir/out" >"$dir/before"
run 0 --json -c "open $S; evaluate"
tail -n 1 "$dir/out" | cmp -s - "$dir/before" || fail "another model comes back"
run 0 --json --session "$S" -c "load sample_models/digits-mlp; info"
said '"round_corners":0.1'
said '"forgotten":1'
run 0 --json -c "open $S; undo; redo; save $dir/copy; open $dir/copy; evaluate"
tail -n 1 "$dir/out" | cmp -s - "$dir/before" || fail "another model comes back from a copy"

# sealed: the head is the same (who was forgotten is not known any more), the model the session
# began with is gone from the folder
first=$(ls "$S"/blobs/*.onnx)
run 0 -c "open $S; seal receipt=$dir/receipt.json"
[ -e "$first" ] && fail "the model from before the removal is still there"
heldout() { tail -n 1 "$1" | sed 's/.*"heldout"//'; }
run 0 --json -c "open $S; evaluate"
[ "$(heldout "$dir/out")" = "$(heldout "$dir/before")" ] || fail "sealing changed the head"

# a model of a seal that crashed half-way goes at the next opening
cp "$S/blobs/sealed.onnx" "$S/blobs/$(basename "$first")"
run 0 -c "open $S"
[ -e "$S/blobs/$(basename "$first")" ] && fail "what a crash left stays"

# without its model the session is refused, and nothing of it is lost
mv "$S/blobs/sealed.onnx" "$dir/away"
refused 3 "weights" "open $S"
mv "$dir/away" "$S/blobs/sealed.onnx"
run 0 --json -c "open $S; evaluate"
[ "$(heldout "$dir/out")" = "$(heldout "$dir/before")" ] || fail "the refusal changed the session"

# samples that a generator changed or that 'data' gave: the session knows them again
M=sample_models/digits-logreg
A="set retrain off; forget add 3; blanket all; commit; evaluate"
for kind in mislabelled canary; do
    run 0 --json -c "load $M; generate $kind n=4; $A; save $dir/$kind"
    grep '"evaluate"' "$dir/out" >"$dir/before"
    run 0 --json -c "open $dir/$kind; evaluate; forget add generated"
    grep '"evaluate"' "$dir/out" | cmp -s - "$dir/before" || fail "generated samples come back as others"
done
run 0 -c "open $dir/canary; seal receipt=$dir/sealed.json"
run 0 -c "open $dir/canary; seal verify $dir/sealed.json; forget add generated"
run 0 -c "load $M; export $dir/b/"
head -n 400 "$dir/b/train.csv" >"$dir/t.csv"
for begin in "load $M" "load $M/model.onnx"; do
    run 0 --json -c "$begin; data $dir/t.csv; set weight_decay 1e-2; $A; save $dir/given"
    grep '"evaluate"' "$dir/out" >"$dir/before"
    refused 3 "where they were read with 'data', say that again" "open $dir/given"
    run 0 --json -c "data $dir/t.csv; open $dir/given; evaluate"
    grep '"evaluate"' "$dir/out" | cmp -s - "$dir/before" || fail "given samples come back as others"
    rm -r "$dir/given"
done

# a bundle of the model without a sample is without that sample, and is replaced as a whole
run 0 -c "load $M; $A; export $dir/b/"
said "the sample that was forgotten is not in it"
[ "$(wc -l <"$dir/b/train.csv")" = 1437 ] && grep -q '"trained_on":.*1436' "$dir/b/bundle.json" ||
    fail "what was forgotten is handed on"
rm "$dir/b/heldout.csv" && ln -s "$dir/t.csv" "$dir/b/heldout.csv"
refused 4 "it is no regular file" "load $M; export $dir/b/"
[ -z "$(find "$dir/b" -name '.lethe-*')" ] || fail "a temporary folder stays"
run 0 -c "load $M; set retrain off; forget add 3; blanket all; commit; save $dir/gone"
run 0 -c "open $dir/gone; seal receipt=$dir/gone.json"
refused 1 "are not known any more" "open $dir/gone; export $dir/c/"

# what a generator did is told of after a seal, for the samples are made from it
run 0 -c "load $M; generate mislabelled n=3; set retrain off; forget add generated; blanket all; commit; save $dir/made; open $dir/made; seal receipt=$dir/made.json"
said "which samples 'generate' changed is still written there"

# sharp and round corners are two models though their weights are the same
run 0 -c "load sample_models/digits-mlp; train model=mlp:16 activation=relu seed=1 epochs=9; \
    save $dir/sharp; smooth 0.1; save $dir/round"
[ "$(basename "$dir"/sharp/blobs/*.onnx)" = "$(basename "$dir"/round/blobs/*.onnx)" ] &&
    fail "one name for two models"
exit 0
