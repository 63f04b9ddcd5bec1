# Who is recognised, forgotten classes beside others: again in numpy, with groups and without.
. tests/support/golden.sh
. tests/support/python.sh
python_with numpy
net="load sample_models/digits-mlp; forget add class:3"
run 0 --json -c "$net; retrieval to=$dir/digits.npz"
grep -q '"heldout_half":"tune"' "$dir/out" || fail "no half"
cp "$dir/out" "$dir/digits.json"
run 0 --json -c "load sample_models/faces-cnn; forget add class:3; set retrain off; blanket 1; damping 1; select method=random; preview; retrieval heldout=all to=$dir/faces.npz"
holds "$(number figures now) >= 0" # a preview stands beside
cp "$dir/out" "$dir/faces.json"
if [ -n "$python" ]; then
    "$python" - "$dir" <<'P' || fail "no data"
import sys
import numpy as np
rng = np.random.default_rng(2)
for part, n in (("train", 90), ("heldout", 40)):
    y = rng.integers(0, 5, n)
    with open(f"{sys.argv[1]}/{part}.csv", "w") as file:
        file.write("a,b,c,group,label\n")
        for label in y:
            x = rng.normal(size=3) + np.array([label, label % 2, label % 3])
            file.write(",".join(f"{v:.6f}" for v in x) + f",{rng.integers(0, 12)},{label}\n")
with open(f"{sys.argv[1]}/bundle.json", "w") as file:
    file.write('{"format":"lethe bundle","version":1,"architecture":"mlp:6","weight_decay":1e-3,'
               '"train":{"samples":"train.csv"},"heldout":{"samples":"heldout.csv"}}')
P
    run 0 --json -c "load $dir; train epochs=50; forget add class:1,2; retrieval heldout=all to=$dir/groups.npz"
    cp "$dir/out" "$dir/groups.json"
    for name in digits faces groups; do
        "$python" tests/eval/retrieval_numpy.py "$dir/$name.npz" "$dir/$name.json" || fail "$name: other figures in numpy"
    done
else
    echo "skipped: the same in numpy (apt-get install python3-numpy)"
fi
refused 1 "'forget add" "load sample_models/digits-mlp; retrieval"
