# reach: exact on a small network, against numpy; in text, JSON, and over every size of a blanket.
. tests/support/golden.sh
. tests/support/python.sh
python_or_skip numpy
"$python" tests/eval/reach_numpy.py "$LETHE" sample_models/digits-logreg 3 "$dir" || exit 1

# more units reach more; the whole network reaches all of it
run 0 --json -c "load sample_models/digits-mlp; set retrain off; forget add 17; select stop=off; blanket 4; preview"
grep -o '"reach_by_units":\[[^]]*\]' "$dir/out" | sed 's/.*\[//;s/\]//' | tr , '\n' |
    awk 'NR > 1 && $1 < before - 1e-9 { exit 1 } { before = $1 } END { exit NR < 4 || before > 1 }' ||
    fail "reach does not grow with the blanket"
run 0 -c "load sample_models/digits-mlp; set retrain off; forget add 17; blanket all; preview"
grep -q "^reach  *100.00%" "$dir/out" || fail "the whole network does not reach all"

# a part measured first and one measured after the whole network was looked at have the same reach; what
# products left open is said to be about so much
for first in "" "blanket all; preview; select;"; do
    run 0 --json -c "load sample_models/rings; set retrain off; forget add 57; damping 0; $first blanket auto; preview"
    tail -n 1 "$dir/out" | grep -o '"reach":[0-9.]*' | cut -c 1-13 >>"$dir/reaches"
done
[ "$(sort -u "$dir/reaches" | wc -l)" = 1 ] || fail "the reach depends on what was looked at before"
run 0 --json -c "load sample_models/digits-mlp; set retrain off; forget add 17; damping 1e-3; preview"
said '"reach_estimated":true'
