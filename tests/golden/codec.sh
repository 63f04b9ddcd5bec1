# codec and foci on files: known values, both formats of answers, what is refused.
. tests/support/golden.sh

seq 1 8 >"$dir/x.csv"
seq 2 2 16 >"$dir/y.csv"
yes 4 | head -8 >"$dir/constant.csv"
seq 1 7 >"$dir/short.csv"
printf '1,2\n3,x\n' >"$dir/word.csv"
printf '1\nnan\n3\n' >"$dir/nan.csv"

# by hand: every row's neighbour in rank is one step away, so 8 * (1+..+7+7) - sum(L^2) = 60
run 0 --json -c "codec x=$dir/x.csv y=$dir/y.csv"
[ "$(number numerator)" = 60 ] || fail "numerator"
[ "$(number denominator)" = 84 ] || fail "denominator"
run 0 --json -c "codec x=$dir/x.csv y=$dir/constant.csv"
[ "$(number value)" = null ] || fail "a constant y has no value"
said "undefined: y is constant"
run 0 -c "foci x=$dir/x.csv y=$dir/y.csv"
said "all columns"
paste -d, "$dir/constant.csv" "$dir/x.csv" >"$dir/two.csv"
run 0 --json -c "foci x=$dir/two.csv y=$dir/y.csv"
said "\"order\":[1]"

refused 3 "they must be equal" "codec x=$dir/short.csv y=$dir/y.csv"
refused 3 "they must be equal" "codec x=$dir/x.csv y=$dir/y.csv z=$dir/short.csv"
refused 3 "y must be a single one" "codec x=$dir/x.csv y=$dir/two.csv"
refused 3 "$dir/word.csv" "codec x=$dir/word.csv y=$dir/y.csv"
refused 3 "$dir/nan.csv" "codec x=$dir/nan.csv y=$dir/y.csv"
refused 4 "$dir/none.csv" "codec x=$dir/none.csv y=$dir/y.csv"
refused 1 "'codec' needs y=" "codec x=$dir/x.csv"
