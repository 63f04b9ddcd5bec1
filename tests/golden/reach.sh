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
