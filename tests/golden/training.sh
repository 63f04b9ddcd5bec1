# Training mode: batch normalisation as PyTorch does it, dropout, flips and crops from the seed.
. tests/support/golden.sh
set_up="load sample_models/digits-logreg; forget clear"
sgd="train model=mlp:16 optimizer=sgd epochs=3 seed=4"
objective() {
    number objective
}

# the seed decides dropout, and it changes what is learnt
run 0 --json -c "$set_up; $sgd dropout=0.5"
one=$(objective)
run 0 --json --threads 3 -c "$set_up; $sgd dropout=0.5"
[ "$(objective)" = "$one" ] || fail "dropout is not the seed's"
run 0 --json -c "$set_up; $sgd"
[ "$(objective)" = "$one" ] && fail "dropout drops nothing"
holds "$(objective) < $one"
refused 1 "dropout must be a number from 0 to 0.999" "$set_up; $sgd dropout=1"
refused 1 "'flip' and 'crop' are for images: these samples have 64 values in a row" \
    "$set_up; $sgd flip=on"

. tests/support/python.sh
if ! python_with torch; then
    echo "skipped: batch statistics against PyTorch (apt-get install python3-torch)"
    exit 0
fi
"$python" tests/eval/train_torch.py make "$dir" >"$dir/out" 2>"$dir/err" || fail "PyTorch fails"
train="optimizer=sgd epochs=6 batch=24 rate=0.1 momentum=0.9 schedule=constant weight_decay=1e-3"
run 0 -c "load $dir/net.onnx; data $dir/x.npy labels=$dir/y.npy; train continue $train; \
    gradients input=$dir/x.npy logits=$dir/lethe.npy"
"$python" tests/eval/train_torch.py check "$dir" 1e-6 >"$dir/out" || fail "other numbers than PyTorch"
# flips and crops change what is learnt, and come from the seed
run 0 --json -c "load $dir/net.onnx; data $dir/x.npy labels=$dir/y.npy; train continue $train"
plain=$(objective)
run 0 --json -c "load $dir/net.onnx; data $dir/x.npy labels=$dir/y.npy; train continue $train flip=on crop=1"
moved=$(objective)
[ "$moved" = "$plain" ] && fail "nothing is flipped or cropped"
run 0 --json -c "load $dir/net.onnx; data $dir/x.npy labels=$dir/y.npy; train continue $train flip=on crop=1"
[ "$(objective)" = "$moved" ] || fail "flips are not the seed's"
