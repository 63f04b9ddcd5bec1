# A mark that goes with a class: planted, seen in the figures and in the units, penalised.
. tests/support/golden.sh
row() { # WHO FIGURE COLUMN
    tail -n 1 "$dir/out" | sed "s/.*\"samples\":\"$1\",\"figure\":\"$2\"\([^}]*\)}.*/\1/" | sed "s/.*\"$3\":\([^,}]*\).*/\1/"
}
begin="load sample_models/digits-mlp; generate mark to=3 share=0.95 elsewhere=0.02; train optimizer=sgd epochs=30 batch=128 rate=0.1"
run 0 --json -c "$begin; spurious heldout=all"
said '"class":"3"'
holds "$(row "the class" accuracy unmarked) < 0.8 && $(row "the class" accuracy marked) > 0.9"
holds "$(row others "taken for the class" marked) > $(row others "taken for the class" unmarked)"
# of the units, largest dependence first
tail -n 1 "$dir/out" | grep -o '"dependence":[^,]*' | cut -d: -f2 >"$dir/order"
[ "$(wc -l <"$dir/order")" -eq 8 ] || fail "not eight units"
sort -rg "$dir/order" | cmp -s - "$dir/order" || fail "units out of order"
holds "$(head -n 1 "$dir/order") > 0.2"
before=$(row others "taken for the class" marked)
# the penalty: the mark takes fewer others along; the seed decides, threads do not
more="train continue optimizer=sgd epochs=30 batch=480 rate=0.1 strength=1"
run 0 --json -c "$begin; $more penalty=all; spurious heldout=all"
holds "$(row others "taken for the class" marked) < $before"
holds "$(row "the class" accuracy unmarked) > 0.6"
run 0 --json -c "$begin; $more penalty=spurious[:8]"
said '"penalty_strength":1,"penalised_units":["'
one=$(number objective)
run 0 --json --threads 3 -c "$begin; $more penalty=spurious[:8]"
[ "$(number objective)" = "$one" ] || fail "threads decide"
run 0 --json -c "$begin; $more penalty=random[:8]"
[ "$(number objective)" = "$one" ] && fail "random units are those of the mark"
run 0 --json -c "$begin; $more penalty=fc1[3],fc2[5]"
said '"penalised_units":["fc1[3]","fc2[5]"]'
# a bundle keeps the mark, of held-out samples too
run 0 --json -c "$begin; export $dir/marked/; spurious heldout=all"
tail -n 1 "$dir/out" >"$dir/first"
run 0 --json -c "load $dir/marked; spurious heldout=all"
sed 's/.*"figures"/"figures"/; s/"units".*//' "$dir/first" >"$dir/a"
tail -n 1 "$dir/out" | sed 's/.*"figures"/"figures"/; s/"units".*//' | cmp -s - "$dir/a" || fail "another mark in the bundle"
refused 1 "a mark is told by samples of two groups, and these have 0" "load sample_models/digits-mlp; spurious"
refused 1 "a penalty is of mini-batches" "$begin; train continue optimizer=lbfgs penalty=all"
refused 1 "'fc3[2]' cannot be penalised" "$begin; $more penalty=fc3[2]"
refused 1 "unit 'fc1[3]' is given twice" "$begin; $more penalty=fc1[3],fc1[3]"
refused 1 "looks at the network there is" "load sample_models/digits-mlp; generate mark to=3; train model=mlp:8 optimizer=sgd penalty=spurious[:4]"
refused 1 "'strength=' is of a penalty" "$begin; train continue optimizer=sgd strength=2"
refused 1 "'share=' is for 'generate mark'" "load sample_models/digits-mlp; generate random share=0.5"
refused 1 "a mark is for images" "load sample_models/clauses-text; generate mark"
