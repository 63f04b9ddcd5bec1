#!/bin/sh
# evaluate on a file of its own, read in blocks: the figures of the same samples loaded whole.
. tests/support/golden.sh
model=sample_models/digits-mlp
x=sample_models/digits/test-images-idx3-ubyte.gz
y=sample_models/digits/test-labels-idx1-ubyte.gz
run 0 --json -c "load $model; evaluate"
count=$(number heldout samples) correct=$(number heldout correct) loss=$(number heldout loss)
run 0 --json -c "load $model; evaluate data=$x labels=$y memory=1"
[ "$(number file samples)" = "$count" ] || fail 'another number of samples'
[ "$(number file correct)" = "$correct" ] || fail 'others are right'
holds "($(number file loss) - $loss)^2 < 1e-20"
gzip -dc $x | head -c 4000 >"$dir/short.idx"
refused 3 'the header promises' "load $model; evaluate data=$dir/short.idx labels=$y"
refused 3 'has no labels in it' "load $model; evaluate data=$x"
refused 3 '360 samples' "load $model; evaluate data=$x labels=sample_models/digits/train-labels-idx1-ubyte.gz"
refused 4 'cannot open' "load $model; evaluate data=$dir/none labels=$y"
