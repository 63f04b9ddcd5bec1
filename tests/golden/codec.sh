# codec and foci on files: known values, both formats of answers, what is refused.
. tests/support/golden.sh

seq 1 8 >"$dir/x.csv"
seq 2 2 16 >"$dir/y.csv"
yes 4 | head -8 >"$dir/constant.csv"
seq 1 7 >"$dir/short.csv"
printf '1,2\n3,x\n' >"$dir/word.csv"
printf '1\nnan\n3\n' >"$dir/nan.csv"
printf '1,2\n3,4\n5,-inf\n' >"$dir/inf.csv"

# by hand: every row's neighbour in rank is one step away, so 8 * (1+..+7+7) - sum(L^2) = 60
run 0 --json -c "codec x=$dir/x.csv y=$dir/y.csv"
[ "$(number numerator)" = 60 ] || fail "numerator"
[ "$(number denominator)" = 84 ] || fail "denominator"
run 0 --json -c "codec x=$dir/x.csv y=$dir/constant.csv"
[ "$(number value)" = null ] || fail "a constant y has no value"
said "undefined: y is constant"
# y a function of x already: nothing is left for z to add
printf '%s\n' 1 1 2 2 >"$dir/pairs.csv"
printf '%s\n' 5 5 7 7 >"$dir/same.csv"
printf '%s\n' 3 1 4 2 >"$dir/more.csv"
run 0 --json -c "codec x=$dir/pairs.csv y=$dir/same.csv z=$dir/more.csv"
[ "$(number value)" = 0 ] || fail "z adds something to a function of x"
[ "$(number denominator)" = 0 ] || fail "denominator of a function of x"
said "z adds nothing"
run 0 -c "foci x=$dir/x.csv y=$dir/y.csv"
said "all columns"
paste -d, "$dir/constant.csv" "$dir/x.csv" >"$dir/two.csv"
run 0 --json -c "foci x=$dir/two.csv y=$dir/y.csv"
said "\"order\":[1]"

# columns that say nothing: with stop none is selected, without the best of them are
printf '%s\n' 1,5 2,1 3,4 4,2 5,6 6,3 >"$dir/noise.csv"
printf '%s\n' 4 5 1 3 2 6 >"$dir/other.csv"
run 0 --json -c "foci x=$dir/noise.csv y=$dir/other.csv"
said '"order":[]'
said '"stopped":"no gain"'
run 0 --json -c "foci x=$dir/noise.csv y=$dir/other.csv stop=off"
said '"stopped":"all columns"'
first=$(sed 's/.*"order":\[\([01]\),.*/\1/' "$dir/out")
# the cheap mode is the first of them
run 0 --json -c "foci x=$dir/noise.csv y=$dir/other.csv stop=off max=1"
said "\"order\":[$first]"
said '"stopped":"max"'

# jitter: reproducible, another seed draws other noise, and a constant column stays one
jittered() {
    run 0 --json -c "set seed $1; foci x=$dir/long.csv y=$dir/turned.csv jitter=0.8 stop=off"
    said '"order":[1]'
    tail -n 1 "$dir/out"
}
seq 1 60 | awk '{ print 4 "," $1 }' >"$dir/long.csv"
seq 1 60 | awk '{ print $1 * 17 % 61 }' >"$dir/turned.csv"
one=$(jittered 1) again=$(jittered 1) two=$(jittered 2)
[ "$one" = "$again" ] || fail "jitter is not reproducible"
[ "$one" != "$two" ] || fail "jitter does not follow the seed"

refused 3 "they must be equal" "codec x=$dir/short.csv y=$dir/y.csv"
refused 3 "they must be equal" "codec x=$dir/x.csv y=$dir/y.csv z=$dir/short.csv"
refused 3 "y must be a single one" "codec x=$dir/x.csv y=$dir/two.csv"
refused 3 "$dir/word.csv" "codec x=$dir/word.csv y=$dir/y.csv"
refused 3 "$dir/nan.csv" "codec x=$dir/nan.csv y=$dir/y.csv"
refused 3 "$dir/inf.csv" "foci x=$dir/inf.csv y=$dir/y.csv"
refused 4 "$dir/none.csv" "codec x=$dir/none.csv y=$dir/y.csv"
refused 1 "'codec' needs y=" "codec x=$dir/x.csv"
