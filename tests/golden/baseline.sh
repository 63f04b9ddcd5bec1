# baseline: neighbours forget exactly; dump: which arrays, and when there are none.
. tests/support/golden.sh
begin="load sample_models/digits-mlp-mislabelled; set retrain off; forget add generated[:20]"
figure() {
    grep -o "\"name\":\"$1\",[^}]*" "$dir/out" | grep -o "\"$2\":[^,}]*" | sed 's/.*://'
}
run 0 --json -c "$begin; baseline knn k=1"
# a sample is its own nearest neighbour until it is deleted; its wrong label goes with it
holds "$(figure forget.accuracy neighbours) == 1 && $(figure forget.accuracy after_deletion) < 0.1"
holds "$(figure attack.auc neighbours) > $(figure attack.auc after_deletion)"
[ "$(figure forget.accuracy network)" = null ] || fail "a network without a preview"
run 0 --json -c "$begin; select method=gradnorm; blanket 2; preview; baseline knn"
holds "$(figure forget.accuracy network) == 1"
said '"retrained":null'
refused 1 "k must be a whole number from 1 to 256" "$begin; baseline knn k=0"
refused 1 "'baseline' needs knn" "$begin; baseline"

run 0 --json -c "$begin; select method=gradnorm; blanket 2; preview; dump losses to=$dir/a.npz"
said '{"array":"forget_loss_now","rows":20,"columns":1}'
[ -s "$dir/a.npz" ] || fail "no file"
run 0 --json -c "load sample_models/digits-logreg; forget add 3; perturb count=30; \
    dump activations to=$dir/b.npz"
said '{"array":"activations_3","rows":30,"columns":10}'
refused 1 "there is no preview yet" "$begin; dump delta to=$dir/c.npz"
refused 1 "there is no selection yet" "$begin; dump scores to=$dir/c.npz"
[ -e "$dir/c.npz" ] && fail "a file with nothing in it"
refused 4 "o such file or directory" "$begin; select method=gradnorm; dump scores to=$dir/no/c.npz"

# texts are near by the words they have in common, in whatever order
printf 'label\ttext\n0\tred green blue\n1\tone two three\n0\tcat dog cow\n1\tsun moon star\n' >"$dir/train.tsv"
printf 'label\ttext\n0\tblue blue red red green\n1\tthree one\n0\tcow cat unheard\n1\tstar moon moon sun sun\n' >"$dir/test.tsv"
printf '%s\n' '<pad>' '<unk>' red one cat sun green two dog moon blue three cow star >"$dir/words"
cat >"$dir/bundle.json" <<'B'
{"format": "lethe bundle", "version": 1, "architecture": "text:16x1", "weight_decay": 1e-3,
 "train": {"samples": "train.tsv", "format": "text"}, "heldout": {"samples": "test.tsv", "format": "text"},
 "text": {"vocabulary": "words", "length": 6}, "recipe": {"optimizer": "adam", "epochs": 1, "seed": "1"}}
B
run 0 --json -c "load $dir; set retrain off; forget add 0; baseline knn k=1"
holds "$(figure heldout.accuracy neighbours) == 1 && $(figure forget.accuracy after_deletion) == 0"
