#!/bin/sh
# Every figure of `audit` and the table of `compare selectors` computed again in numpy, from the logits
# and weights that lethe writes: softmax regression on digits and a network on three blobs. NUMPY=all
# takes the digits network for the selectors, too, and more samples: minutes.
set -eu
. tests/support/python.sh
python_or_skip numpy
export PYTHONDONTWRITEBYTECODE=1 OPENBLAS_NUM_THREADS=1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() {
    cat "$dir/out"
    exit 1
}
# audited COMMANDS WIDTHS ACTIVATION DECAY: with train.npy and heldout.npy in $dir
audited() {
    "$LETHE" --no-rc --json -c "$1; audit n=32 to=$dir/models.npz" >"$dir/answer" 2>&1 || fail
    "$python" tests/eval/audit_numpy.py "$dir/answer" "$dir/models.npz" "$2" "$3" \
        "$dir/train.npy" "$dir/heldout.npy" "$4" 0 >"$dir/out" 2>&1 || fail
    cat "$dir/out"
}
"$python" tests/eval/blobs.py "$dir"
audited "load $dir; train seed=1; forget add 0-11; blanket all" 4-6-3 tanh 0.01
"$python" - "$dir" <<'END'
import gzip, sys
import numpy as np
for name, part in (("train", "train"), ("heldout", "test")):
    raw = gzip.open(f"sample_models/digits/{part}-images-idx3-ubyte.gz").read()
    np.save(f"{sys.argv[1]}/{name}.npy", np.frombuffer(raw, np.uint8, offset=16).reshape(-1, 64) / 16)
END
audited "load sample_models/digits-logreg; forget clear; forget add class:3[:12]; blanket all" 64-10 tanh 0.01
samples=1
[ "${NUMPY:-}" != all ] || samples=4
"$python" tests/eval/removal_numpy.py "$LETHE" "$dir" sample_models/digits-logreg $samples 2 \
    >"$dir/out" 2>&1 || fail
cat "$dir/out"
if [ "${NUMPY:-}" = all ]; then
    "$python" tests/eval/removal_numpy.py "$LETHE" "$dir" sample_models/digits-mlp 3 3 >"$dir/out" 2>&1 || fail
    cat "$dir/out"
fi
