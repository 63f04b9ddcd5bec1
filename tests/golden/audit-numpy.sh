#!/bin/sh
# Every figure of `audit` and the table of `compare selectors` computed again in numpy, from the logits
# and weights that lethe writes, and the noise of a certificate: softmax regression on digits, a
# network and softmax regression on three blobs. NUMPY=all takes the digits network for the selectors,
# too, and more samples: minutes.
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
# audited COMMANDS WIDTHS ACTIVATION DECAY [FOLDER/]: with train.npy and heldout.npy in $dir/FOLDER
audited() {
    "$LETHE" --no-rc --json -c "$1; audit n=32 to=$dir/models.npz" >"$dir/answer" 2>&1 || fail
    "$python" tests/eval/audit_numpy.py "$dir/answer" "$dir/models.npz" "$2" "$3" \
        "$dir/${5:-}train.npy" "$dir/${5:-}heldout.npy" "$4" 0 >"$dir/out" 2>&1 || fail
    cat "$dir/out"
}
"$python" tests/eval/blobs.py "$dir"
audited "load $dir; train seed=1; forget add 0-11; blanket all" 4-6-3 tanh 0.01
# the last layer alone: models of it, on what the layer below makes of the same samples
head="load $dir; train seed=1; set retrain.by head; forget add 0-11; blanket all"
"$LETHE" --no-rc -c "$head; preview; dump delta to=$dir/delta.npz" >"$dir/answer" 2>&1 || fail
mkdir "$dir/below"
"$python" - "$dir" <<'END'
import sys
import numpy as np
w = np.load(f"{sys.argv[1]}/delta.npz")["before"]
for name in ("train", "heldout"):
    x = np.load(f"{sys.argv[1]}/{name}.npy")
    np.save(f"{sys.argv[1]}/below/{name}.npy", np.tanh(x @ w[:24].reshape(6, 4).T + w[24:30]))
END
audited "$head" 6-3 tanh 0.01 below/
# ... each at the minimum over the samples it was trained on
"$python" - "$dir" <<'END' || fail
import sys
import numpy as np
a, x = np.load(f"{sys.argv[1]}/models.npz"), np.load(f"{sys.argv[1]}/below/train.npy")
at = {s: a[s].astype(int) for s in ("forget", "retain")}
for group in ("before", "retrain"):
    for w, part in zip(a[group + "_weights"], a[group + "_trained"]):
        ids = at["retain"][part.astype(bool)]
        y = a["retain_label"][part.astype(bool)].astype(int)
        if group == "before":
            ids, y = np.append(ids, at["forget"]), np.append(y, a["forget_label"].astype(int))
        z = x[ids] @ w[:18].reshape(3, 6).T + w[18:]
        p = np.exp(z - z.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        p[np.arange(len(y)), y] -= 1
        gradient = np.concatenate([(p.T @ x[ids]).ravel(), p.sum(0)]) / len(y) + 0.01 * w
        if not np.linalg.norm(gradient) < 1e-5:
            sys.exit(f"{group}: a model whose gradient is {np.linalg.norm(gradient)}")
END
"$python" - "$dir" <<'END'
import gzip, sys
import numpy as np
for name, part in (("train", "train"), ("heldout", "test")):
    raw = gzip.open(f"sample_models/digits/{part}-images-idx3-ubyte.gz").read()
    np.save(f"{sys.argv[1]}/{name}.npy", np.frombuffer(raw, np.uint8, offset=16).reshape(-1, 64) / 16)
END
audited "load sample_models/digits-logreg; forget clear; forget add class:3[:12]; blanket all" 64-10 tanh 0.01
# again BUNDLE SAMPLES DRAWS [WIDTHS BUDGETS]
again() {
    "$python" tests/eval/removal_numpy.py "$LETHE" "$dir" "$@" >"$dir/out" 2>&1 || fail
    cat "$dir/out"
}
"$LETHE" --no-rc -c "load $dir; train seed=1; export $dir/net/
    load $dir; train model=logreg seed=1; export $dir/soft/" >"$dir/out" 2>&1 || fail
again "$dir/net" 2 2 4-6-3 14,28,40
again "$dir/soft" 2 2 4-3 5,10
samples=1
[ "${NUMPY:-}" != all ] || samples=4
again sample_models/digits-logreg "$samples" 2
[ "${NUMPY:-}" != all ] || again sample_models/digits-mlp 3 3
