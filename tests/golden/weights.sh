# head and weights: a classifier on a network's output, parameters by name, and what is refused.
. tests/support/golden.sh

B="load sample_models/digits-mlp"
run 0 --json -c "$B; head 12; train continue epochs=3"
said '"classes":12,"parameters":2910,"units":70'
said '"iterations":3'
run 0 --json -c "$B; head 12; train head"
said '"converged":true'
refused 3 "the model has 4 classes, the labels go up to 9" "$B; head 4"
refused 1 "head must be a whole number from 2" "$B; head 1"
refused 4 "cannot open '$dir/none.safetensors'" "$B; weights $dir/none.safetensors"
printf 'not a safetensors file' >"$dir/bad.safetensors"
refused 3 "bad.safetensors" "$B; weights $dir/bad.safetensors"

# the same network from two files: its weights by name give the same head state
R=../shared/models/cifar10-resnet
[ -d "$R" ] || { echo "skipped: ../shared is not here"; exit 0; }
run 0 -c "load $R/cifar10-resnet20.onnx; weights $R/cifar10-resnet20.safetensors"
said "269,722"
