# plot: numbers without a file, pictures with one, and what is missing by name.
. tests/support/golden.sh
begin="load sample_models/digits-logreg; forget add 0-19; select method=gradnorm"

refused 1 "there are no figures yet: 'preview' first" "$begin; plot roc"
refused 1 "there is no surface yet: 'surface' first" "$begin; plot surface"
refused 1 "there is no commit yet: 'commit' first" "$begin; plot history"
refused 1 "did you mean 'scores'?" "$begin; plot scors"
refused 1 "cannot tell the picture format" "$begin; plot scores to=$dir/a.txt"
refused 1 "needs samples to forget" "load sample_models/digits-logreg; plot damping"

run 0 -c "$begin; plot scores"
said "gradnorm  fc1["
run 0 --json -c "$begin; blanket all; plot damping"
holds "$(number x) == 1e-8 && $(number y) < 1e-6"
run 0 --json -c "$begin; blanket all; preview; plot roc"
said '"x":0,"y":0'
said '"x":1,"y":1'
run 0 --json -c "$begin; blanket all; preview; commit; plot history"
holds "$(number points y) > 0.9"

command -v gnuplot >/dev/null || {
    echo "skipped: no gnuplot"
    exit 77
}
run 0 -c "$begin; blanket all; preview; surface coarse; plot surface to=$dir/s.svg; \
    plot loss to=$dir/l.png; plot margins to=$dir/m.svg; plot ladder to=$dir/e.pdf"
grep -q '</svg>' "$dir/s.svg" || fail "no picture of the surface"
grep -q '</svg>' "$dir/m.svg" || fail "no picture of the margins"
head -c 4 "$dir/e.pdf" | grep -q PDF || fail "no picture of the ladder"
[ -s "$dir/l.png" ] || fail "no picture of the losses"
