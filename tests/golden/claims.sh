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
# clauses: words that speak for a type; a contract is forgotten by one step of the whole network
run 0 -c "load sample_models/clauses-text; activation 5"
said "gradient times embedding"
grep -q '\*[a-z]*\*' "$dir/out" || fail "no word is marked"
run 0 --json -c "load sample_models/clauses-text; set retrain off; blanket all"
holds "$(number units) == $(number of)"
run 0 --json -c "load sample_models/clauses-text; curvature ggn samples=4; blanket all; damping 0.005;
    remove-each group:105 by=15 figures=heldout"
holds "$(number forget_loss) > 2 * $(number forget_loss_before)"
holds "$(number heldout_accuracy) > $(number heldout_accuracy_at_start) - 0.02"
# vision: removals one after another, with the paper's stop
run 0 --json -c "load sample_models/digits-logreg; set retrain off; perturb count=50; remove-each class:3[:5] gap=0.05"
[ "$(grep -o '"residual_gradient"' "$dir/out" | wc -l)" -eq 5 ] || fail "not five removals"
# and from the networks at CIFAR's size, several at once
run 0 -c "load sample_models/fashion-vgg11; perturb count=10; curvature ggn samples=4; remove-each class:6[:4] by=2 figures=heldout"
said "4 of 4 samples of class 6 (shirt) are removed, 2 at a time, steps of the blanket"
# settings: by their text the threes are forgotten, by what their program does they are not
for curvature in paper released; do
    run 0 --json -c "load sample_models/digits-logreg; set retrain off; perturb count=200; curvature $curvature; damping 0.01;
        set select.scaling none; set select.several mean; remove-each class:3[:10] by=10"
    number forget_loss >"$dir/$curvature"
done
holds "$(cat "$dir/paper") > 1.1 * $(number forget_loss_before) && $(cat "$dir/released") < 1.02 * $(number forget_loss_before)"
# every line of every session begins with a command there is
"$LETHE" --no-rc -c "$(sed 's/#.*//; s/^ *//; s/ .*//; /^$/d; s/^/help /; s/$/;/' sessions/*.lethe | sort -u)" \
    >"$dir/out" 2>&1 || fail "a session's command: $(tail -n 1 "$dir/out")"
