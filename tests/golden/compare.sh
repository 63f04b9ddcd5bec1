# compare: rivals beside each other on the logistic regression, where the right answer is known.
. tests/support/golden.sh
begin="load sample_models/digits-logreg; forget add 0-19; perturb count=200"

refused 1 "'compare' needs samples to forget" "load sample_models/digits-logreg; compare ladder"
refused 1 "did you mean 'ladder'?" "$begin; compare lader"
refused 1 "'k=' is for 'compare ladder'" "$begin; compare damping k=2"

run 0 --json -c "$begin; compare ladder k=2"
for rung in before "blanket ggn" "whole ggn" "whole hessian" "second ggn step" "passes x16" \
    "warm retrain" "cold retrain x2"; do
    said "\"rung\":\"$rung\""
done
# the objective is convex: one Newton step is nearly the whole way, two are all of it
holds "$(number rung recovery) == 0"
holds "$(number rung rung rung rung recovery) > 0.98"
holds "$(number rung rung rung rung rung recovery) > 0.999"
# passes go on from there, and cost less than the retraining they lead to
holds "$(number rung rung rung rung rung rung recovery) > 0.999"
holds "$(number rung rung rung rung rung rung passes_over_the_data) >= 2"
holds "$(number rung rung rung rung rung rung rung kl_forget) == 0"
holds "$(number rung rung rung rung rung rung rung passes_over_the_data) > 0"
# retraining from other weights ends at the same minimum
holds "$(number rung rung rung rung rung rung rung rung kl_forget) < 1e-9"
run 0 --json -c "$begin; update passes=3; compare ladder k=0"
said '"rung":"passes x3"'

# more damping, less removal; the row that is set is marked and the rules are named
run 0 --json -c "$begin; blanket all; compare damping"
holds "$(number damping recovery) > 0.98"
holds "$(number damping kl_forget) < $(number damping damping damping damping damping damping damping damping kl_forget)"
holds "$(number hints tenth_of_mean) > 0"
run 0 -c "$begin; blanket all; damping 0.5; compare damping"
grep -q '^  *0.5 .* now$' "$dir/out" || fail "does not mark the damping that is set"
said "0.1 x mean"
said "judge by the"

# softmax regression: Gauss-Newton is the exact Hessian; the retraining made before is used again
run 0 --json -c "$begin; blanket all; retrain warm; compare curvatures"
said '"curvature":"fisher"'
said '"curvature":"paper"'
said '"curvature":"released"'
said 'released: an emulation, for comparison only'
a=$(number curvature kl_forget)
holds "$a > 0 && ($a - $(number curvature curvature kl_forget)) / $a < 1e-3"
holds "$(number curvature smallest_eigenvalue) > 0.0099"

# the comparison leaves what was set as it was
run 0 -c "$begin; compare curvatures; show curvature; show blanket"
said "curvature  ggn"
grep -qE '^blanket +auto' "$dir/out" || fail "compare changes the blanket"

# selectors: every one at every budget, random as a band, a step of the whole model below them all
refused 1 "'draws=' is for 'compare selectors'" "$begin; compare ladder draws=3"
run 0 --json -c "$begin; compare selectors samples=2 draws=3"
for selector in lfoci gain gradnorm fisher updatenorm lastlayer random; do
    said "\"selector\":\"$selector\",\"kl_120\":"
done
# of SELECTOR BUDGET: the median of one row
of() {
    tail -n 1 "$dir/out" | tr '{' '\n' | sed -n "s/.*\"selector\":\"$1\".*\"kl_$2\":\([^,}]*\).*/\1/p"
}
holds "$(of "(whole model)" 500) < 1e-2 * $(of "(nothing done)" 500)"
holds "$(of "(whole model)" 500) < $(of gain 500) && $(of gain 500) < $(of gain 120)"
holds "$(of gain 500) < $(of random 500)"

# single removals: each way on every sample, the convex model's whole step is nearly retraining
refused 1 "'samples=' is for 'compare selectors' and 'compare singles'" "$begin; compare damping samples=3"
run 0 --json -c "load sample_models/digits-logreg; forget add 0-4; perturb count=200; curvature hessian; compare singles"
for way in lfoci gradnorm random "whole model"; do
    said "\"way\":\"$way\",\"recovery_probs\":"
done
said '"samples":5'
# of WAY FIGURE: a median
way() {
    tail -n 1 "$dir/out" | tr '{' '\n' | sed -n "s/.*\"way\":\"$1\".*\"$2\":\([^,}]*\).*/\1/p"
}
holds "$(way "whole model" recovery) > 0.98"
holds "$(way "whole model" kl_fold) > 1000"
holds "$(way lfoci parameters) <= 650 && $(way gradnorm parameters) <= $(way lfoci parameters)"
holds "$(way "whole model" recovery) > $(way random recovery)"
holds "$(number gradient) < 1e-7"
holds "$(number all_at_once kl_fold) > 1000"
said '"curvature_samples":1437'
# with few curvature samples the step is a poor one, and kfac has no parts to take out
run 0 --json -c "load sample_models/digits-logreg; forget add 0-2; perturb count=200; curvature hessian samples=30; compare singles"
said '"curvature_samples":30'
holds "$(way "whole model" recovery) < 0.9"
run 0 --json -c "load sample_models/digits-logreg; forget add 0-1; perturb count=200; curvature kfac; compare singles"
grep -q curvature_samples "$dir/out" && fail "kfac was taken apart"
true

# its retrainings are kept with a session, and a single sample has one only, which its step for all
# at once is measured beside, too
one="perturb count=50; forget clear; forget add 17; compare singles budgets=10%"
steady() {
    tail -n 1 "$dir/out" | sed 's/"[a-z_]*time[a-z_]*":[^]},]*//g'
}
run 0 --json --session "$dir/singles" -c "load sample_models/digits-logreg; $one"
[ "$(ls "$dir/singles/retrains" | wc -l)" -eq 2 ] || fail "not a retraining and its control"
holds "$(way "whole model" kl_fold) == $(number all_at_once kl_fold)"
steady >"$dir/first"
ls -i "$dir/singles/retrains" >"$dir/kept"
run 0 --json --session "$dir/singles" -c "$one"
steady | cmp -s - "$dir/first" || fail "another table from what was kept"
ls -i "$dir/singles/retrains" | cmp -s - "$dir/kept" || fail "retrains again what was kept"

# the picture of selectors: one line each; refused before the work where it cannot be made
refused 1 "'to=' is for 'compare selectors'" "$begin; compare ladder to=$dir/a.svg"
refused 1 "cannot tell the picture format" "$begin; compare selectors to=$dir/a.txt"
if command -v gnuplot >/dev/null; then
    run 0 --json -c "load sample_models/digits-logreg; forget add 0-1; perturb count=100; compare selectors samples=2 draws=2 \
        budgets=1%,10% to=$dir/selectors.svg"
    for line in lfoci gradnorm "weights kl" "gain outcome"; do
        grep -q "$line" "$dir/selectors.svg" || fail "no line of $line in the picture"
    done
fi

# the better of two curvatures: softmax regression has but one, a badly fitted sample keeps ggn
run 0 --json -c "load sample_models/digits-logreg; forget add 17; curvature auto; curvature"
said '"curvature":"ggn","curvatures":[{"curvature":"ggn","actual_change":-'
said 'it was decided for the samples that are chosen now'
refused 1 "'curvature auto' tries steps and needs samples to forget" "load sample_models/digits-logreg; curvature auto"
run 0 --json -c "load sample_models/digits-logreg; train model=mlp:8 weight_decay=1e-3 seed=1; set retrain off; forget add 17; curvature auto; blanket all; preview"
ggn=$(grep '"curvatures"' "$dir/out" | sed 's/.*"ggn","actual_change":\([^}]*\).*/\1/')
exact=$(grep '"curvatures"' "$dir/out" | sed 's/.*"hessian","actual_change":\([^}]*\).*/\1/')
taken=$(grep '"curvatures"' "$dir/out" | sed 's/.*"result":{"curvature":"\([^"]*\).*/\1/')
[ "$taken" = hessian ] && holds "$exact < $ggn"
[ "$taken" = ggn ] && [ "$exact" != null ] && holds "$ggn <= $exact + 1e-6 * ($exact < 0 ? -$exact : $exact)"
grep '"command":"preview"' "$dir/out" | grep -qF "\"curvature\":\"$taken" || fail "the preview is not made with what auto chose"

# an indefinite curvature: no order of weights, which is said and stops nothing
run 0 --json -c "load sample_models/rings; forget add generated[:2]; curvature hessian; compare singles budgets=10%"
said "2 of 2 steps could not be taken: weights 10%: the curvature 'hessian' is indefinite"
said '"way":"whole model"'
