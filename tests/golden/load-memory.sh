# Loading takes little memory beyond the weights themselves, which are there once, in double, shared by
# the workbench, its session and its snapshots: twice a file of floats, and never more than 2.5 times.
. tests/support/golden.sh
. tests/support/python.sh
python_with || { echo "skipped: peak memory (apt-get install python3)"; exit 0; }
[ -z "${LETHE_TEST_SHARE:-}" ] || { echo "skipped: peak memory under sanitizers"; exit 0; }
here=$(pwd)
mkdir -p "$dir/wide"
cat >"$dir/wide/bundle.json" <<END
{"format": "lethe bundle", "version": 1, "name": "wide",
 "architecture": "mlp:64-1000-1000-1000-1000-1000-1000-10",
 "train": {"samples": "$here/sample_models/digits/train-images-idx3-ubyte.gz",
           "labels": "$here/sample_models/digits/train-labels-idx1-ubyte.gz"},
 "normalize": {"scale": 16}, "classes": 10, "weight_decay": 0.001, "recipe": {"seed": "1"}}
END
run 0 -c "load $dir/wide; export $dir/wide.onnx precision=float32"
peak() {
    "$python" - "$LETHE" "$1" <<'END'
import resource, subprocess, sys
subprocess.run([sys.argv[1], "--no-rc", "-c", sys.argv[2]], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
END
}
size=$(($(wc -c <"$dir/wide.onnx") / 1024))
took=$(($(peak "load $dir/wide.onnx") - $(peak "load sample_models/digits-logreg/model.onnx")))
[ "$size" -gt 8000 ] || fail "the file has $size kB only"
[ $((10 * took)) -le $((25 * size)) ] || fail "loading $size kB takes $took kB"
echo all good
