# The proximal yardstick on a network that follows a recipe: damping auto is 1/T of the recipe, the
# path has the recipe's length and fractions of it, and a step that does nothing makes none of the
# change while a longer one goes further along it.
. tests/support/golden.sh

# a small data set of three classes, two of four columns tell
awk 'BEGIN { srand(5); print "a,b,c,d,label"; for (i = 0; i < 160; i++) { y = i % 3;
    for (k = 0; k < 4; k++) { g = -3; for (j = 0; j < 6; j++) g += rand(); printf "%.6f,", 1.4 * g + 1.5 * (k == y) }
    print y } }' >"$dir/train.csv"
cp "$dir/train.csv" "$dir/heldout.csv"
cat >"$dir/bundle.json" <<END
{"format": "lethe bundle", "version": 1, "name": "blobs", "architecture": "mlp:4-6-3", "activation": "tanh",
 "train": {"samples": "train.csv", "label_column": "label"},
 "heldout": {"samples": "heldout.csv", "label_column": "label"}, "classes": 3, "weight_decay": 0.01,
 "recipe": {"optimizer": "sgd", "seed": "1", "epochs": 16, "batch": 16, "rate": 0.0625, "momentum": 0.5,
            "schedule": "constant"}}
END
B="load $dir; train seed=1; set retrain.by recipe; forget add 0-11; blanket all"

# T = 16 epochs of 10 steps of 0.0625 / (1 - 0.5) = 20
run 0 --json -c "$B; damping"
said '"damping":0.05,"rule":"auto"'
run 0 --json -c "$B; preview"
said '"hints":{"auto":0.05,'
said 'damping auto: 1/T = 0.05, T = 20 the sum over the 16 epochs of the recipe'
run 0 --json -c "$B; retrain warm; damping 3; preview; compare proximal"
said '"lengths":[{"epochs":2,"time":2.5,"1/T":0.4,'
said '"epochs":16,"time":20,"1/T":0.05,'
said '"damping":3,"parameters":51'
last() {
    tail -n 1 "$dir/out" | grep -o "\"epochs\":16[^}]*" | grep -o "\"$1\":[^,}]*" | sed 's/.*://'
}
far=$(last along)
run 0 --json -c "$B; damping auto; compare proximal"
holds "$(last change_probs) > 0.3 && $(last others) > 0.3 && $(last along) > 0.4 && $(last along) < 1.6"
holds "$far < $(last along)"
one=$(tail -n 1 "$dir/out" | sed 's/"time_training[^,]*//')
run 0 --json --threads 3 -c "$B; damping auto; compare proximal"
[ "$(tail -n 1 "$dir/out" | sed 's/"time_training[^,]*//')" = "$one" ] || fail "threads change the path"
run 0 --json -c "$B; damping 1e9; compare proximal seeds=1"
holds "$(last change_probs) < 0.001 && $(last along) < 0.001"
said '"others":null,"control":null'

# a converged network has no lengths, and auto is 0 there
run 0 --json -c "load sample_models/digits-logreg; forget add 3; damping"
said '"damping":0,"rule":"auto"'
refused 1 "retraining goes on to a minimum here" "load sample_models/digits-logreg; forget add 3; blanket all; compare proximal"
refused 1 "'seeds=' is for 'compare proximal'" "load sample_models/digits-logreg; forget add 3; compare ladder seeds=2"
