# Choosing what to forget, on the digits: every form of SPEC, every refusal, nothing half-applied.
. tests/support/golden.sh
B="load sample_models/digits-mlp-mislabelled"

count() {
    run 0 --json -c "$B; forget add $1"
    [ "$(number count)" = "$2" ] || fail "'$1' is not $2 samples"
}
count 17 1
count 3,9,12-40 31
count generated 144
count "generated[:20]" 20
count class:7[:5] 5
count top-loss:12 12
count misclassified 2
printf '5 7\n9,11-12\n' >"$dir/ids.txt"
count "file:$dir/ids.txt" 5

run 0 --json -c "$B; forget add 3,9; forget add 5; forget remove 9; forget list"
said '"count":2,"forget":"3,5"'
said '"retained":1435'
run 0 --json -c "$B; forget add 3; forget clear"
[ "$(number count)" = 0 ] || fail "clear"

refused 1 "sample 1437 is outside the training set: 0 to 1436" "$B; forget add 1437"
refused 1 "sample 9999 is outside the training set" "$B; forget add 3-9999"
refused 1 "sample 3 is given twice" "$B; forget add 3,4,3"
refused 1 "'9-3' runs backwards" "$B; forget add 9-3"
refused 1 "does not name samples" "$B; forget add seventeen"
refused 1 "does not name samples" "$B; forget add -5"
refused 1 "there is no class 10: 0 to 9" "$B; forget add class:10"
refused 1 "a limit is written [:20]" "$B; forget add class:7[:0]"
refused 1 "the data have no groups" "$B; forget add group:3"
refused 1 "write top-loss:20, from 1 to 1437" "$B; forget add top-loss:0"
refused 4 "$dir/none.txt" "$B; forget add file:$dir/none.txt"
refused 1 "sample 3 is in the forget set already" "$B; forget add 3; forget add 2-4"
refused 1 "sample 4 is not in the forget set" "$B; forget add 3; forget remove 4"
refused 1 "" "$B; forget add 0-1436"
refused 1 "no generated samples are recorded" "load sample_models/digits-mlp; forget add generated"
refused 1 "'forget add' needs samples" "$B; forget add"

# a refusal leaves the forget set as it was
run 1 --keep-going --json -c "$B; forget add 3; forget add 4,99999; forget list"
said '"count":1,"forget":"3","retained":1436,"samples"'

# copies that would stay are named; the usual data have none
D="data sample_models/digits/train-images-idx3-ubyte.gz labels=sample_models/digits/train-labels-idx1-ubyte.gz normalize=0,16"
run 0 --json -c "$D; generate duplicate n=3; forget add generated"
said '"near":1437,"distance":0'
said "3 retained samples are nearly the same"
run 0 --json -c "$B; forget add 0-99"
grep -q near_duplicates "$dir/out" && fail "different digits are no near-duplicates"
true
