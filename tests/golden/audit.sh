# audit: the same table on one thread and on two, models kept with the session, a killed run goes
# on, and what the figures say on digits where the answer is known.
. tests/support/golden.sh
begin="load sample_models/digits-logreg; forget clear; forget add class:3[:30]; blanket all; curvature hessian"

# the answer without the clock
steady() {
    tail -n 1 "$dir/out" | sed 's/"time[a-z_]*":[^,}]*//g'
}
# figure NAME KEY: a number of one figure of the table
figure() {
    grep -o "\"name\":\"$1\",[^}]*" "$dir/out" | grep -o "\"$2\":[^,]*" | sed 's/.*://'
}
models() {
    ls "$dir/session/retrains" 2>/dev/null | wc -l
}

run 0 --json --threads 1 -c "$begin; audit n=4"
one=$(steady)
said '"says":"n/a (N = 4, needs 32)"'
run 0 --json --threads 2 --session "$dir/session" -c "$begin; audit n=4"
[ "$(steady)" = "$one" ] || fail "two threads give another table"
[ "$(models)" -eq 12 ] || fail "the models are not kept"

# a damaged model and a missing one are made again, the others are not
damaged=$(ls "$dir/session/retrains" | head -n 1)
printf 'x' | dd of="$dir/session/retrains/$damaged" bs=1 seek=600 conv=notrunc 2>/dev/null
rm "$dir/session/retrains/$(ls "$dir/session/retrains" | tail -n 1)"
kept=$(ls -i "$dir/session/retrains" | grep -v "$damaged" | head -n 9)
run 0 --json --session "$dir/session" -c "$begin; audit n=4"
[ "$(steady)" = "$one" ] || fail "takes a damaged model"
for inode in $(echo "$kept" | awk '{ print $1 }'); do
    ls -i "$dir/session/retrains" | grep -q "^ *$inode " || fail "makes a model again that was there"
done
# another damping is another removal, of the same originals
run 0 --session "$dir/session" -c "$begin; damping 1e-3; audit n=4"
[ "$(models)" -eq 16 ] || fail "$(models) models instead of 16"

# a removal of thirty threes: the originals give them away, the removals are as retrained; the run
# is killed in the middle and goes on
rm -r "$dir/session"
"$LETHE" --no-rc --session "$dir/session" -c "$begin; audit" >/dev/null 2>&1 &
killed=$!
while [ "$(models)" -lt 5 ] && kill -0 $killed 2>/dev/null; do :; done
kill -9 $killed
wait $killed 2>/dev/null
kept=$(ls -i "$dir/session/retrains" | grep -v tmp | head -n 4 | awk '{ print $1 }')
run 0 --json --session "$dir/session" -c "$begin; audit"
for inode in $kept; do
    ls -i "$dir/session/retrains" | grep -q "^ *$inode " || fail "begins anew after a kill"
done
holds "$(figure ulira.accuracy before) > 0.9 && $(figure ulira.accuracy now) < 0.6"
holds "$(figure klom.forget before) > 5 && $(figure klom.forget now) < 2.5"
holds "$(figure lira before) > 0.8 && $(figure lira now) < 0.6"
holds "$(figure forget.accuracy before) > 0.99 && $(figure forget.accuracy now) < 0.95"
holds "$(figure forgetting_score now) > 5 * $(figure forgetting_score before)"
# three answers, and no note that says the opposite of a row
says() {
    grep -o "\"name\":\"$1\",[^}]*" "$dir/out" | grep -o '"says":"[^"]*"' | sed 's/"says"://; s/"//g'
}
holds "$(figure forget.accuracy z) > -2.5 && $(figure forget.accuracy z) < 2.5"
[ "$(says ulira.accuracy)" = "as retraining" ] || fail "U-LiRA says '$(says ulira.accuracy)'"
[ "$(says probe)" = "n/a (one layer: its features are the inputs)" ] || fail "probes the inputs"
said '"verdict":"as retraining","decided_by":"ulira.accuracy"'
said '"originals_test":{"verdict":"different"'
grep -q 'nothing to unlearn' "$dir/out" && fail "the originals are told apart, and there is nothing to unlearn"
said "each model is trained on its own 50 % of the retained samples"

# a step that does nothing is told from retraining
run 0 --json --session "$dir/session" -c "$begin; damping 1e6; audit"
holds "$(figure ulira.accuracy now) > 0.9 && $(figure ulira.accuracy z) > 2"
said '"says":"different","means":"told from unseen"'
said '"says":"different","means":"members can be found"'
for name in ulira.accuracy klom.forget lira rmia forget.accuracy forget.loss attack.auc kl.forget; do
    [ "$(says $name)" = different ] || fail "a step that does nothing: $name says '$(says $name)'"
done
said '"verdict":"different","decided_by":"ulira.accuracy"'
said 'the removals can be told from retraining, by the U-LiRA accuracy'
grep -q 'nothing to unlearn' "$dir/out" && fail "told from unseen, and nothing to unlearn"

# too few models to tell: no answer is made up
run 0 --json --session "$dir/session" -c "$begin; damping 0; audit n=4"
said '"verdict":"cannot tell","decided_by":null'
said "4 models of each kind cannot tell"

refused 1 "must be a whole number from 1 to 1024" "$begin; audit n=0"
refused 1 "'audit' needs samples to forget" "load sample_models/digits-logreg; audit"
mkdir "$dir/part"
cp sample_models/digits-logreg/model.onnx "$dir/part"
sed -e "s|\.\./digits|$PWD/sample_models/digits|" -e 's/"trained_on":	1437/"trained_on":	2000/' \
    sample_models/digits-logreg/bundle.json >"$dir/part/bundle.json"
refused 1 "audit not available: 1437 of 2000 training samples here" \
    "load $dir/part; forget add 3; audit"

# features that came from elsewhere: every model is trained, removed from and kept as its last layer
given="load $dir/given; forget add class:3[:20]; blanket all"
mkdir "$dir/given" && cp sample_models/digits-mlp/model.onnx "$dir/given"
sed "s|\"\\.\\./|\"$PWD/sample_models/|; s|\"optimizer\"|\"layers\": \"last\", &|" sample_models/digits-mlp/bundle.json >"$dir/given/bundle.json"
run 0 --json --session "$dir/heads" -c "$given; audit n=4; retrain cold k=2"
said '"share":0.5' && said "in the last layer alone" && said "the last layer alone: its features stay"
whole=$(wc -c <sample_models/digits-mlp/model.onnx)
for model in "$dir"/heads/retrains/*; do
    [ "$(wc -c <"$model")" -lt "$whole" ] || fail "a model of all layers is kept"
done
holds "$(figure forget.loss before) < $(figure forget.loss retrain)"
# a retraining from fresh weights ends at the same minimum as one from those of the layer
run 0 --json -c "$given; retrain cold k=2; preview"
holds "$(number cold retrain) < 1e-9 && $(number cold now) < 1e-2 * $(number cold before)"
