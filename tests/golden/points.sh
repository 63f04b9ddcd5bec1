# Points of the plane: made by name, trained in a moment, drawn, exported as a bundle that is the
# same again; and what has no plane says so.
. tests/support/golden.sh

# the same samples however many are asked for, held-out samples of their own, another draw by seed
run 0 -c "train model=mlp:16-8 data=rings; export $dir/a/; data rings train=0:40; train model=logreg; export $dir/b/"
head -41 "$dir/a/train.csv" | cmp - "$dir/b/train.csv" || fail "the first points depend on how many there are"
[ "$(wc -l <"$dir/a/train.csv")" -eq 301 ] && [ "$(wc -l <"$dir/a/heldout.csv")" -eq 201 ] || fail "not 300 and 200"
tail -n +2 "$dir/a/train.csv" | sort >"$dir/x"
tail -n +2 "$dir/a/heldout.csv" | sort >"$dir/y"
[ -z "$(comm -12 "$dir/x" "$dir/y")" ] || fail "held-out points are among those trained on"
run 0 -c "data rings:7; train model=logreg; export $dir/c/"
cmp -s "$dir/a/train.csv" "$dir/c/train.csv" && fail "another seed, the same points"
for shape in moons blobs; do
    run 0 --json -c "train model=mlp:16-8 data=$shape; evaluate"
    holds "$(number accuracy) > .9"
done

# 'train data=' begins anew beside another model; its mistakes are said
run 0 -c "load sample_models/digits-mlp; train model=mlp:16-8 data=rings; info"
said "parameters      202"
said "model           rings"
refused 1 "leave 'model=' and 'data=' out" "load sample_models/rings; train continue data=moons"
refused 1 "'train' needs training data: 'data PATH' first" "train model=logreg"
refused 4 "cannot open 'squares'" "train model=logreg data=squares"
run 3 -c "load sample_models/digits-mlp; data rings"
grep -q "the model takes 64 values per sample, the data has 2" "$dir/err" || fail "another width is no error"

# a bundle from a folder: the same figures, wrong labels and their record included
run 0 -c "set seed 1; data rings; generate mislabelled n=6; train model=mlp:16-8 weight_decay=3e-4; \
    export $dir/rings/; forget add generated; blanket all; damping 1e-3; preview"
grep -E '^(forget|retain|kl)' "$dir/out" >"$dir/one"
run 0 -c "load $dir/rings; forget add generated; blanket all; damping 1e-3; preview"
grep -E '^(forget|retain|kl)' "$dir/out" | diff "$dir/one" - || fail "the bundle is another one"
cut -d, -f3 sample_models/rings/train.csv | cmp - "$(cut -d, -f3 "$dir/rings/train.csv" >"$dir/l"; echo "$dir/l")" ||
    fail "sample_models/rings has other labels"
refused 1 "no data are loaded" "load sample_models/digits-mlp/model.onnx; export $dir/d/"

# the models that come along: something is known by heart that retraining does not know
for model in rings moons; do
    run 0 --json -c "load sample_models/$model; forget add generated; blanket all; damping 1e-3; preview"
    holds "$(number forget accuracy before) == 1 && $(number forget accuracy retrain) == 0"
done

# the plane: a plot of samples and boundaries, marked as a cut where it is one
run 0 -c "load sample_models/rings; forget add 57; blanket all; preview; plot plane"
said "boundary retrained"
said "first input"
run 0 --json -c "load sample_models/rings; plot plane"
said '"series":"boundary before"'
run 0 -c "load sample_models/digits-mlp; plot plane"
said "component 1; a cut: "
refused 1 "'plot' needs a model" "plot plane"
