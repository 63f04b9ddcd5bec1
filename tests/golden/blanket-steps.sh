# A convolutional network, its blanket from one unit to all in one script: no step takes more products
# than its budget, no size falls off a cliff, each says what it can reach, and memory is kept to.
. tests/support/golden.sh
here=$(pwd)
mkdir -p "$dir/cnn"
cat >"$dir/cnn/bundle.json" <<END
{"format": "lethe bundle", "version": 1, "name": "small-cnn", "architecture": "cnn:8-20p-24",
 "train": {"samples": "$here/sample_models/digits/train-images-idx3-ubyte.gz",
           "labels": "$here/sample_models/digits/train-labels-idx1-ubyte.gz"},
 "heldout": {"samples": "$here/sample_models/digits/test-images-idx3-ubyte.gz",
             "labels": "$here/sample_models/digits/test-labels-idx1-ubyte.gz"},
 "normalize": {"scale": 16, "shape": [1, 8, 8]}, "classes": 10, "trained_on": 1437, "split_seed": "1",
 "weight_decay": 0.001,
 "recipe": {"optimizer": "sgd", "seed": "1", "epochs": 1, "batch": 64, "rate": 0.05, "momentum": 0.9}}
END
run 0 -c "load $dir/cnn; train; export $dir/cnn/model.onnx"
sed -i 's/"name"/"model": "model.onnx", "name"/' "$dir/cnn/bundle.json"

sizes="1 3 8 21 48"
steps=
for k in $sizes; do steps="$steps blanket $k; preview;"; done
common="load $dir/cnn; set retrain off; set curvature.samples 100; forget add 17; perturb count=100; select stop=off max=64"
run 0 --json -c "$common; $steps blanket all; preview"
grep '"command":"preview"' "$dir/out" | sed 's/.*"parameters":\([0-9]*\),"units":\([0-9]*\),"reach":\([^,]*\),.*"products":\([0-9]*\),.*/\1 \2 \3 \4/' >"$dir/steps"
[ "$(wc -l <"$dir/steps")" -eq 6 ] || fail "not six steps"
awk '$4 > 60 { print "too many products:", $0; bad = 1 }
     $1 <= last { print "no larger:", $0; bad = 1 }
     !($3 > 0 && $3 <= 1) { print "no reach:", $0; bad = 1 }
     { last = $1; all += $4 }
     END { if (all > 240) { print all, "products in all"; bad = 1 } exit bad }' "$dir/steps" ||
    fail "$(cat "$dir/steps")"
[ "$(sed -n '$s/ .*//p' "$dir/steps")" -gt 4000 ] || fail "the whole network is no 4,000 parameters"

# a step is the same whether others came before it or not
run 0 --json -c "$common; blanket 8; preview; commit"
alone=$(number id)
run 0 --json -c "$common; blanket 1; preview; blanket all; preview; blanket 8; preview; commit"
[ "$(number id)" = "$alone" ] || fail "a commit depends on what was on screen before"

# EKFAC stays with a session that is kept: private, read again to the same commit, gone with a seal
run 0 --json --session "$dir/session" -c "$common; blanket 8; preview"
file="$dir/session/retrains/curvature.ekfac"
[ -s "$file" ] || fail "EKFAC is not kept with the session"
[ "$(stat -c %a "$file")" = 600 ] || fail "others can read the kept EKFAC"
before=$(stat -c %i "$file")
run 0 --json --session "$dir/session" -c "load $dir/cnn; preview; commit"
[ "$(stat -c %i "$file")" = "$before" ] || fail "a kept EKFAC was made again"
[ "$(number id)" = "$alone" ] || fail "a commit depends on a kept EKFAC"
run 0 --session "$dir/session" -c "load $dir/cnn; seal receipt=$dir/receipt.json"
[ -e "$file" ] && fail "EKFAC of what was forgotten is still there after the seal"
run 0 --session "$dir/session" -c "load $dir/cnn; set retrain off; set curvature.samples 100; forget add 3; perturb count=100; blanket 3; preview"
[ -e "$file" ] && fail "a sealed session keeps EKFAC"

# memory: what a whole step takes above loading and evaluating stays within what is allowed
peak() {
    "$python" - "$LETHE" "$1" <<'END'
import resource, subprocess, sys
subprocess.run([sys.argv[1], "--no-rc", "-c", sys.argv[2]], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
END
}
. tests/support/python.sh
python_with || { echo "skipped: peak memory (apt-get install python3)"; exit 0; }
[ -z "${LETHE_TEST_SHARE:-}" ] || { echo "skipped: peak memory under sanitizers"; exit 0; }
base=$(peak "load $dir/cnn; set retrain off; evaluate")
took=$(peak "load $dir/cnn; set retrain off; set memory 64; set curvature.samples all; forget add 17; blanket all; preview")
[ $((took - base)) -le 64 ] || fail "a step takes $((took - base)) MB above $base, 64 are allowed"
