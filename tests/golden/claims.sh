# The paper's claims, each session in short: what it says is seen on fewer samples.
. tests/support/golden.sh
# faces: one step of the whole network forgets a person and keeps the others
run 0 --json -c "load sample_models/faces-cnn; set retrain off; curvature ggn samples=20; forget add class:11; select method=random;
    blanket all; damping 0.01; preview; retrieval heldout=all"
row() { # WHO FIGURE COLUMN
    tail -n 1 "$dir/out" | sed "s/.*\"classes\":\"$1\",\"figure\":\"$2\"\([^}]*\)}.*/\1/" | sed "s/.*\"$3\":\([^,}]*\).*/\1/"
}
holds "$(row forgotten accuracy before) == 1"
holds "$(row forgotten accuracy now) <= 0.5"
holds "$(row others accuracy now) > 0.9"
# people: the last layer's share, and a map of a network that ends in more than a mean
picture=; command -v gnuplot >/dev/null && picture="to=$dir/map.svg"
run 0 -c "load sample_models/people-osnet; activation 5; activation 5 from=heldout class=black-coat-man $picture"
said "Grad-CAM"
# clauses: words that speak for a type, as many removals of a contract's clauses as one likes
run 0 -c "load sample_models/clauses-text; activation 5"
said "gradient times embedding"
grep -q '\*[a-z]*\*' "$dir/out" || fail "no word is marked"
# vision: removals one after another, with the paper's stop
run 0 --json -c "load sample_models/digits-logreg; set retrain off; perturb count=50; remove-each class:3[:5] gap=0.05"
[ "$(grep -o '"residual_gradient"' "$dir/out" | wc -l)" -eq 5 ] || fail "not five removals"
# and from the networks at CIFAR's size, several at once
run 0 -c "load sample_models/fashion-vgg11; perturb count=20; curvature ggn samples=20; remove-each class:6[:6] by=3 figures=heldout"
said "6 of 6 samples are removed, 3 at a time, steps of the blanket by lfoci"
# every line of every session begins with a command there is
for session in sessions/*.lethe; do
    for command in $(sed 's/#.*//; s/^ *//; s/ .*//' "$session" | sort -u); do
        "$LETHE" --no-rc -c "help $command" >"$dir/out" 2>&1 || fail "$session: $command"
    done
done
