# retrain cold: the same models on one thread and on two, kept with the session and read back.
. tests/support/golden.sh
begin="load sample_models/digits-logreg; forget clear; forget add 0-19; retrain cold k=3"

# the answer without the clock
steady() {
    tail -n 1 "$dir/out" | sed 's/"time":[^,}]*//g'
}
run 0 --json --threads 1 -c "$begin"
one=$(steady)
run 0 --json --threads 2 --session "$dir/session" -c "$begin"
[ "$(steady)" = "$one" ] || fail "two threads make other models"
[ "$(ls "$dir/session/retrains" | wc -l)" -eq 3 ] || fail "the models are not kept"
whole=$(tail -n 1 "$dir/out")
run 0 --json --session "$dir/session" -c "$begin"
[ "$(tail -n 1 "$dir/out")" = "$whole" ] || fail "the models are made again" # times and all

# a damaged file is made again, a missing one too; another forget set has its own
file=$(ls "$dir/session/retrains" | head -n 1)
printf 'x' | dd of="$dir/session/retrains/$file" bs=1 seek=600 conv=notrunc 2>/dev/null
rm "$dir/session/retrains/$(ls "$dir/session/retrains" | tail -n 1)"
run 0 --json --session "$dir/session" -c "$begin"
[ "$(steady)" = "$one" ] || fail "takes a damaged file for a model"
run 0 --session "$dir/session" -c "load sample_models/digits-logreg; forget clear; \
    forget add 21; retrain cold k=3"
[ "$(ls "$dir/session/retrains" | wc -l)" -eq 6 ] || fail "one forget set for another"

# a warm retraining goes on as 'retrain.by' says: by the recipe it ends at no minimum, and says so
here=$(pwd)/sample_models
sed -e 's/"optimizer":	"lbfgs"/"optimizer": "sgd", "epochs": 9, "rate": 0.01/' -e 's/1e-07/0/' \
    -e "s:\"model\.onnx\":\"$here/digits-logreg/model.onnx\":" -e "s:\.\./digits/:$here/digits/:" \
    sample_models/digits-logreg/bundle.json >"$dir/sgd.json"
begin="load $dir/sgd.json; forget clear; forget add 0-19; blanket all"
run 0 -c "$begin; preview"
said "lbfgs"
grep -q "by the recipe" "$dir/out" && fail "takes a recipe nobody asked for"
run 0 -c "$begin; set retrain.by recipe; set retrain.most 2; preview"
said "retrained by the recipe (sgd, 2 epochs"
run 0 -c "$begin; set retrain.by recipe; preview"
said "(sgd, 9 epochs"
run 0 -c "$begin; set retrain.most 1; preview"
said "did not converge"

# the last layer alone: a step of that layer is judged beside its own retraining
begin="load sample_models/digits-mlp; forget add 17; select method=lastlayer; blanket 10"
run 0 --json -c "$begin; set retrain.by head; preview"
said "retrained in the last layer alone"
recovery=$(number recovery_probs now)
awk -v r="$recovery" 'BEGIN { exit !(r > 0.99) }' || fail "recovery beside the head's retraining is $recovery"
# ... and all that may move is that layer, whatever the blanket: ten units, weights of no other
run 0 --json -c "$begin; set retrain.by head; blanket all; preview; commit head; diff root head"
said '"units":10,' && said '"parameters":170'
grep -q 'fc[12]' "$dir/out" && fail "moves another layer: $(tail -n 1 "$dir/out")"
run 0 --json -c "$begin; set retrain.by head; select method=weights; blanket 5; why fc3.weight[1,3]; why fc1.weight[0,0]"
said "only the last layer moves"
run 1 -c "$begin; set retrain.by head; blanket all; form influence; curvature hessian; noise eps=1; preview"
grep -q "void: the model is not softmax regression" "$dir/err" || fail "certifies a head whose features know the samples"
run 0 --json -c "$begin; preview"
grep -q "last layer alone" "$dir/out" && fail "takes the head's retraining for the whole network's"
# features that came from elsewhere stay without a setting: the recipe says so, and a history keeps it
mkdir "$dir/given" && cp sample_models/digits-mlp/model.onnx "$dir/given"
sed "s|\"\\.\\./|\"$PWD/sample_models/|; s|\"optimizer\"|\"layers\": \"last\", &|" sample_models/digits-mlp/bundle.json > "$dir/given/bundle.json"
given="load $dir/given; forget add 17; blanket all"
run 0 --json -c "$given; preview; commit a; diff root head; export $dir/again/"
said '"units":10,' && said "only the last layer was trained on these samples"
said '"retrain.by"' && grep -q '"layers":.*"last"' "$dir/again/bundle.json" || fail "forgets where features came from"
run 0 --json -c "$given; set retrain off; select; why fc3[1] given=none; why fc1[0] given=none; null; stability runs=2"
awk '/"unit":"fc1\[0\]"/ && /"dead":true/ { n++ } END { exit n != 1 }' "$dir/out" || fail "puts the noise on the inputs"
grep -q '"units_above":.*fc[12]' "$dir/out" && fail "a unit below the last layer moves"
run 0 -c "load $dir/given; head 10; train head; save $dir/kept"
run 0 --session "$dir/kept" -c "set retrain off; forget add 17; select method=lastlayer; preview; train continue epochs=1; forget add 17; preview"
said "so it alone is removed from" && said "nothing is kept yet"
[ "$(grep -c 'so it alone is removed from' "$dir/out")" = 1 ] || fail "a training of all layers leaves features given"
# a bare network of convolutions says nothing of its training: the last layer, where that is chosen
faces="load sample_models/faces-cnn/model.onnx; set weight_decay 1e-3; data sample_models/orl-faces/train-images-idx3-ubyte.gz labels=sample_models/orl-faces/train-labels-idx1-ubyte.gz normalize=0.442,0.196 resize=48,40 channels=1"
run 0 -c "$faces; forget add class:3; set retrain off; select method=lastlayer; blanket 40; preview"
said "is not known, so the last alone"
exit 0
