# Graphs around a target: the table, the files, FOCI on them, and two other tests beside it.
. tests/support/golden.sh
run 0 --json -c "generate graph variables=3,10 samples=200 graphs=4"
[ "$(grep -o '"recall"' "$dir/out" | wc -l)" -eq 4 ] || fail "not two forms of two sizes"
run 0 --json -c "generate graph variables=3 samples=1000 form=linear graphs=10"
holds "$(number recall) >= 0.8 && $(number precision) == 1"
run 0 -c "generate graph variables=10 samples=300 form=nonlinear graphs=1 folder=$dir/rings"
[ "$(head -n 1 "$dir/rings/x.csv" | tr ',' '\n' | grep -c '^parent\|^child\|^spouse')" -eq 3 ] || fail "no inner ring"
[ "$(wc -l <"$dir/rings/x.csv")" -eq 301 ] || fail "not 300 samples"
run 0 --json -c "foci x=$dir/rings/x.csv y=$dir/rings/y.csv"
cp "$dir/rings/x.csv" "$dir/first.csv"
run 0 -c "generate graph variables=10 samples=300 form=nonlinear graphs=1 folder=$dir/rings"
cmp -s "$dir/rings/x.csv" "$dir/first.csv" || fail "the seed does not decide"
run 0 --seed 9 -c "generate graph variables=10 samples=300 form=nonlinear graphs=1 folder=$dir/rings"
cmp -s "$dir/rings/x.csv" "$dir/first.csv" && fail "the seed decides nothing"
refused 1 "3 to 60 variables" "generate graph variables=2"
refused 1 "'samples' takes one to 6 whole numbers" "generate graph samples=200,x"
refused 1 "'generate' needs training data" "generate mislabelled"

. tests/support/python.sh
if ! python_with numpy; then
    echo "skipped: partial correlation and a kernel test beside FOCI (apt-get install python3-numpy)"
    exit 0
fi
OPENBLAS_NUM_THREADS=1 "$python" tests/eval/bullseye_numpy.py "$LETHE" "$dir/rings" 3 150 2 >"$dir/out" || fail "the other tests fail"
# where causes act linearly partial correlation finds the blanket of three
grep -q '^linear *3 *150 partial *precision 1.00 recall 1.00' "$dir/out" || fail "partial correlation"
[ "$(grep -c kernel "$dir/out")" -eq 2 ] || fail "no kernel test"
