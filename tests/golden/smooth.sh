# smooth: on sharp corners training does not end, on round ones it does; what is exported runs as it
# is, and what makes no sense is refused.
. tests/support/golden.sh

first=600 more=400 most=4000
[ -n "${LETHE_MEMCHECK:-}" ] && first=20 more=10 most=10 # valgrind looks at the code, not the minimum
B="load sample_models/digits-mlp; train model=mlp:16 activation=relu seed=1 epochs=$first"
run 0 --json -c "$B; train continue epochs=$more"
said '"converged":false'
said "'smooth 0.01' rounds them"
run 0 --json -c "$B; smooth 0.1; train continue epochs=$most; export $dir/round.onnx"
said '"width_before":0,"width":0.1,"raised_by_at_most":0.025'
[ -n "${LETHE_MEMCHECK:-}" ] || said '"converged":true'
tail -n 2 "$dir/out" | grep -q "rounds them" && fail "says that round corners are to be rounded"

# the file is the same network, still round, and another width is another minimum
run 0 --json -c "load $dir/round.onnx; data sample_models/digits/train-images-idx3-ubyte.gz \
    labels=sample_models/digits/train-labels-idx1-ubyte.gz; smooth 0.2"
said '"width_before":0.1,"width":0.2'

refused 1 "no Relu" "load sample_models/digits-mlp; smooth 0.1"
refused 1 "smooth must be a number above 0" "load sample_models/digits-mlp; smooth 0"
refused 1 "smooth must be a number above 0" "load sample_models/digits-mlp; smooth -1"
