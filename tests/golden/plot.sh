# plot: numbers without a file, pictures with one, and what is missing by name.
. tests/support/golden.sh
begin="load sample_models/digits-logreg; forget add 0-19; select method=gradnorm"

refused 1 "there are no figures yet: 'preview' first" "$begin; plot roc"
refused 1 "there is no surface yet: 'surface' first" "$begin; plot surface"
refused 1 "there is no commit yet: 'commit' first" "$begin; plot history"
refused 1 "did you mean 'scores'?" "$begin; plot scors"
refused 1 "cannot tell the picture format" "$begin; plot scores to=$dir/a.txt"
refused 1 "needs samples to forget" "load sample_models/digits-logreg; plot damping"

refused 1 "no unit was looked at yet: 'why UNIT' first" "$begin; plot why"
refused 1 "give one of them" "$begin; plot scores to=$dir/a.png term=sixel"

# drawn in characters: bars with names, curves with axes
run 0 -c "$begin; plot scores"
said "fc1["
said "####"
LC_ALL=C.UTF-8 run 0 -c "$begin; plot scores"
said "████"
run 0 -c "$begin; perturb count=100; why fc1[3]; plot why"
said "activation"
run 0 --json -c "$begin; select method=lfoci; why fc1[3]; plot why"
said '"kind":"why"'
run 0 -c "$begin; blanket all; preview; plot roc; plot margins; plot loss"
said "false positive rate"
said "forget before"
run 0 -c "$begin; blanket all; preview; commit; forget add 30; preview; commit; plot history"
said "retained"
run 0 --json -c "$begin; blanket all; plot damping"
holds "$(number x) == 1e-8 && $(number y) < 1e-6"
run 0 --json -c "$begin; blanket all; preview; plot roc"
said '"x":0,"y":0'
said '"x":1,"y":1'
run 0 --json -c "$begin; blanket all; preview; commit; plot history"
holds "$(number points y) > 0.9"

# the threshold of the attack by hand: counts of whom it names, on both plots; refused is nothing done
run 0 --json -c "load sample_models/rings; forget add generated; blanket all; damping 1e-3; retrain warm; preview; plot loss threshold=0.5"
said '"threshold":{"loss":0.5,"before":{"recognised":5,"members":6,"mistaken":94,"others":100},"now":'
run 0 --json -c "$begin; blanket all; preview; plot loss threshold=0.5; plot roc; plot roc threshold=0"
[ "$(grep -c '"threshold":{"loss":0.5' "$dir/out")" -eq 2 ] || fail "the threshold does not stay, or does not go"
refused 1 "goes with 'plot loss' and 'plot roc'" "$begin; blanket all; preview; plot margins threshold=1"
refused 1 "threshold" "$begin; blanket all; preview; plot roc threshold=-1"

# without gnuplot: a file says how to install it, the terminal keeps its characters
mkdir "$dir/empty"
(PATH="$dir/empty" "$LETHE" --no-rc -c "$begin; plot scores to=$dir/none.png") >"$dir/out" 2>"$dir/err" &&
    fail "wrote a picture without gnuplot"
grep -q "apt-get install gnuplot-nox" "$dir/err" || fail "does not say how to install gnuplot"
[ ! -e "$dir/none.png" ] || fail "half a picture"
(PATH="$dir/empty" "$LETHE" --no-rc -c "$begin; plot scores term=sixel") >"$dir/out" 2>"$dir/err" ||
    fail "no fallback without gnuplot"
grep -q "apt-get install gnuplot-nox" "$dir/out" && grep -q "####" "$dir/out" || fail "no chart instead"

command -v gnuplot >/dev/null || {
    echo "skipped: no gnuplot"
    exit 77
}
run 0 -c "$begin; blanket all; preview; surface coarse; plot surface to=$dir/s.svg; \
    plot loss to=$dir/l.png; plot margins to=$dir/m.svg; plot ladder to=$dir/e.pdf; \
    plot loss threshold=0.5 to=$dir/t.svg; plot damping to=$dir/d.svg"
grep -q '</svg>' "$dir/s.svg" || fail "no picture of the surface"
grep -q '</svg>' "$dir/m.svg" || fail "no picture of the margins"
head -c 4 "$dir/e.pdf" | grep -q PDF || fail "no picture of the ladder"
grep -q 'loss &lt;= 0.5' "$dir/t.svg" || fail "no line at the threshold"
# the line below the title speaks of what the picture is of, no setting that the picture goes over
grep -q 'whole network .* damping 0' "$dir/t.svg" || fail "does not say which step"
grep -q 'damping 0<' "$dir/d.svg" && fail "a curve over dampings is not of one"
grep -q 'whole network' "$dir/s.svg" && fail "a map over blankets is not of one"
grep -q '>100<' "$dir/s.svg" && grep -q '>0.046<' "$dir/s.svg" || fail "numbers of the dampings"
[ -s "$dir/l.png" ] || fail "no picture of the losses"
run 0 -c "$begin; plot scores term=sixel"
grep -q "$(printf '\033P')" "$dir/out" || fail "no sixel picture"
