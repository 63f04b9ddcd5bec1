# What a session leaves behind: replay to the same id, reports, seals; generated forget sets; terms.
. tests/support/golden.sh
S="$dir/kept"

# a seed set before loading belongs to the journal too
run 0 --json --session "$S" --seed 3 -c "set retrain off; load sample_models/digits-logreg; forget add 17; blanket all; damping 1e-4; commit a; forget add 20; commit b; report $dir/r.md; report $dir/r.html; report $dir/r.json"
id=$(grep '"command":"commit"' "$dir/out" | tail -1 | sed 's/.*"id":"\([0-9a-f]*\)".*/\1/')
grep -qF "$(echo "$id" | cut -c1-8)" "$dir/r.md" || fail "the report does not name the commit"
[ -s "$dir/r.html" ] && [ -s "$dir/r.json" ] || fail "no report"
refused 1 "" "report $dir/r.docx"
run 0 --json -c "replay $S"
said "\"command\":\"replay\",\"ok\":true,\"result\":{\"head\":\"$id\",\"same\":true}"
run 4 -c "replay $dir/none"

run 0 --json --session "$S" -c "load sample_models/digits-logreg; undo; redo"
run 0 --json -c "replay $S"
said "\"head\":\"$id\",\"same\":true"

# sealed: no way back, and the receipt is never overwritten
run 0 --json --session "$S" -c "load sample_models/digits-logreg; seal receipt=$dir/receipt.json"
[ "$(number sealed)" = 2 ] || fail "sealed"
[ -s "$dir/receipt.json" ] || fail "no receipt"
[ "$(stat -c %a "$dir/receipt.json")" = 600 ] || fail "the receipt is open to others"
run 0 --json --session "$S" -c "load sample_models/digits-logreg; seal verify $dir/receipt.json"
said '"holds":true'
[ "$(number samples)" = 2 ] && [ "$(number opened)" = 2 ] || fail "the receipt does not open two samples"
run 1 --session "$S" -c "load sample_models/digits-logreg; undo"
run 1 --session "$S" -c "load sample_models/digits-logreg; seal receipt=$dir/receipt.json"
run 1 -c "replay $S"
grep -qF "it was sealed" "$dir/err" || fail "does not say why there is no journal"

# the proof is there before anything is deleted; what it says is checked against the folder
S2="$dir/second"
run 0 --json --session "$S2" -c "load sample_models/digits-logreg; set retrain off; forget add 17; blanket all; commit a; forget add 4; audit n=1"
first=$(ls -S "$S2/blobs" | head -1)
cp "$S2/blobs/$first" "$dir/blob"
refused 1 "this session is not sealed" "open $S2; seal verify $dir/receipt.json"
refused 4 "cannot create '$dir/nowhere/r.json'" "open $S2; seal receipt=$dir/nowhere/r.json"
refused 1 "seal receipt=FILE" "open $S2; seal"
run 0 --json -c "open $S2; log"
[ "$(grep -o '"state":"' "$dir/out" | wc -l)" -eq 2 ] || fail "a refused seal dropped the history"
run 0 -c "open $S2; seal receipt=$dir/second.json; forget list; seal verify $dir/second.json"
said "holds      yes"
grep -q "^count  *0" "$dir/out" || fail "the forget set is still there"
[ -z "$(ls "$S2/retrains" 2>/dev/null)" ] || fail "retrained models are left"
grep -rq '"forget":"4"\|forget add' "$S2" && fail "the session still names samples"
refused 1 "belongs to another session" "open $S2; seal verify $dir/receipt.json"
sed 's/"forgotten":\(.*\)1,/"forgotten":\12,/' "$dir/second.json" >"$dir/more.json"
refused 3 "it promises 2 samples and opens 1" "open $S2; seal verify $dir/more.json"
sed 's/\("salt":[^"]*"\)./\1x/' "$dir/second.json" >"$dir/broken.json"
refused 3 "no receipt of a seal" "open $S2; seal verify $dir/broken.json"
mkdir -p "$S2/retrains"
cp "$dir/blob" "$S2/retrains/older" && touch -d 2020-01-01 "$S2/retrains/older"
refused 4 "1 file is still there" "open $S2; seal verify $dir/second.json"
rm "$S2/retrains/older"
run 0 -c "open $S2; seal verify $dir/second.json"
refused 4 "cannot open '$dir/none.json'" "open $S2; seal verify $dir/none.json"

# generated: the draw depends on the seed, the labels change, the record is kept
D="data sample_models/digits/train-images-idx3-ubyte.gz labels=sample_models/digits/train-labels-idx1-ubyte.gz normalize=0,16"
run 0 --json -c "$D; generate mislabelled n=5; forget add generated"
first=$(number forget)
run 0 --json -c "set seed 1; $D; generate mislabelled n=5; forget add generated"
[ "$(number forget)" != "$first" ] || fail "the seed does not change the draw"
run 0 --json -c "$D; generate canary n=7; info"
[ "$(number train)" = 1444 ] || fail "canaries are appended"
refused 1 "generated already" "$D; generate random n=5; generate random n=5"
refused 1 "'from=' is for 'generate confusion'" "$D; generate random n=5 from=2"
refused 1 "" "$D; generate mislabelled n=2000"
refused 1 "must be A:B" "$D train=5:5"
refused 1 "must be MEAN,STD" "data x.csv normalize=1"
refused 1 "'train' needs a model" "$D; train"
refused 1 "goes on with the model there is" "$D; train continue"
# the weight decay of a training goes back and forth with it
run 0 --json -c "load sample_models/digits-logreg; train continue tolerance=1e-3 weight_decay=0.02; show weight_decay; undo; show weight_decay; redo; show weight_decay; checkout root; show weight_decay; checkout main; show weight_decay"
[ "$(grep -o '"setting":"weight_decay","value":[0-9.]*' "$dir/out" | grep -o '[0-9.]*$' | tr '\n' ' ')" = "0.02 0.01 0.02 0.01 0.02 " ] || fail "the weight decay stays behind"
run 0 --json -c "$D; train model=logreg weight_decay=1e-2 tolerance=1e-4; train continue tolerance=1e-8; evaluate; log"
grep '"command":"train"' "$dir/out" | tail -1 | grep -q '"converged":true' || fail "not converged"
said '"kind":"train"'

run 0 -c "explain blanket; explain attack.auc"
said "units a removal may change"
refused 1 "did you mean 'blanket'?" "explain blankt"

# which unit, how sure: the same copies as `select`
run 0 --json -c "load sample_models/digits-mlp; forget add 17; select; stability runs=5; null permutations=40; why fc3[7] given=none"
score=$(number score)
band=$(sed -n 's/.*"band":\([0-9.e-]*\).*/\1/p' "$dir/out")
top=$(sed -n 's/.*"method":"lfoci","blanket":\[{"unit":"fc3\[7\]","score":\([0-9.e-]*\).*/\1/p' "$dir/out")
holds "$band > 0 && $band < $score"
holds "$score - $top < 1e-12 && $top - $score < 1e-12"
refused 1 "fc3[99]" "load sample_models/digits-mlp; forget add 17; why fc3[99]"
refused 1 "sample 4 is not in the forget set" "load sample_models/digits-logreg; forget add 17; null sample=4"
