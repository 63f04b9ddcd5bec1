# Networks by description: trained, exported, read back, and the same numbers in PyTorch.
. tests/support/golden.sh
. tests/support/python.sh
python_or_skip numpy
"$python" tests/eval/described_torch.py make "$dir" || fail "no data"
cp "$dir/x.npy" "$dir/cnn-in.npy"
for name in resnet mobilenet densenet; do
    cp "$dir/x.npy" "$dir/$name-in.npy"
done
data="data $dir/x.npy labels=$dir/y.npy"

# the class of optimizer follows the description, a bundle's or the line's own word holds
run 0 --json -c "$data; train model=cnn:4p-6 epochs=4 batch=8 seed=2; export $dir/cnn.onnx precision=float64;
    gradients input=$dir/cnn-in.npy logits=$dir/cnn-out.npy"
grep -q '"network":"cnn:4p-6","optimizer":"sgd"' "$dir/out" || fail "no SGD for cnn"
run 0 --json -c "$data; train model=resnet:4x1-6x2 epochs=4 batch=8; export $dir/resnet.onnx precision=float64;
    gradients input=$dir/resnet-in.npy logits=$dir/resnet-out.npy"
run 0 --json -c "$data; train model=mobilenet:4x1-6x2p epochs=4 batch=8; export $dir/mobilenet.onnx precision=float64;
    gradients input=$dir/mobilenet-in.npy logits=$dir/mobilenet-out.npy;
    train model=densenet:4x2-4x1 epochs=4 batch=8; export $dir/densenet.onnx precision=float64;
    gradients input=$dir/densenet-in.npy logits=$dir/densenet-out.npy"
run 0 --json -c "load $dir; train; export $dir/text.onnx precision=float64;
    gradients input=$dir/text-in.npy logits=$dir/text-out.npy"
grep -q '"optimizer":"adam"' "$dir/out" || fail "no Adam for text"

# a file of it is read back as the same network
for name in cnn resnet mobilenet densenet; do
    run 0 -c "load $dir/$name.onnx; $data; gradients input=$dir/$name-in.npy logits=$dir/again.npy"
    cmp -s "$dir/again.npy" "$dir/$name-out.npy" || fail "$name.onnx gives other logits"
done
run 0 -c "load $dir/text.onnx; gradients input=$dir/text-in.npy logits=$dir/again.npy"
cmp -s "$dir/again.npy" "$dir/text-out.npy" || fail "text.onnx gives other logits"
run 0 -c "load $dir/cnn.onnx; $data; info"
said "12x10"

# what cannot be is said
refused 1 "is for texts: the data have no vocabulary" "$data; train model=text:16x1"
refused 1 "cannot be halved again" "$data; train model=cnn:4p-4p-4p-4p"
refused 1 "has its own activations" "$data; train model=cnn:4 activation=tanh"
refused 1 "as they begin: optimizer=sgd" "$data; train model=cnn:4 optimizer=lbfgs"
refused 1 "values in a row" "load sample_models/digits-mlp; train model=cnn:4"

if ! "$python" -c 'import torch, onnx' 2>/dev/null; then
    echo "skipped: the same networks in PyTorch (apt-get install python3-torch python3-onnx)"
    exit 0
fi
"$python" tests/eval/described_torch.py check "$dir" cnn cnn:4p-6 1e-5 || exit 1
"$python" tests/eval/described_torch.py check "$dir" resnet resnet:4x1-6x2 1e-5 || exit 1
"$python" tests/eval/described_torch.py check "$dir" mobilenet mobilenet:4x1-6x2p 1e-5 || exit 1
"$python" tests/eval/described_torch.py check "$dir" densenet densenet:4x2-4x1 1e-5 || exit 1
"$python" tests/eval/described_torch.py check "$dir" text text:32x2 1e-5 || exit 1

# where they look, against hooks on the same activations
look="activation 3; activation 0 class=2"
run 0 --json -c "load $dir/cnn.onnx; $data; $look; $look layer=conv1; $look layer=conv2"
cp "$dir/out" "$dir/cnn-maps.json"
run 0 --json -c "load $dir/resnet.onnx; $data; $look; activation 7 class=6 layer=layer1.0.conv1; activation 7 layer=layer2.1.conv1"
cp "$dir/out" "$dir/resnet-maps.json"
grep -q '"method":"CAM"' "$dir/out" && grep -q '"method":"Grad-CAM"' "$dir/out" || fail "not both kinds of map"
"$python" tests/eval/described_torch.py maps "$dir" cnn cnn:4p-6 1e-4 || exit 1
"$python" tests/eval/described_torch.py maps "$dir" resnet resnet:4x1-6x2 1e-4 || exit 1
run 0 --json -c "load $dir; train; activation 5; activation 13 class=2"
cp "$dir/out" "$dir/text-maps.json"
"$python" tests/eval/described_torch.py maps "$dir" text text:32x2 1e-4 || exit 1
