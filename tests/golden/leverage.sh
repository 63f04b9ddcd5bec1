# Leverage of training samples: order, bounds, what it adds up to.
. tests/support/golden.sh
B="load sample_models/digits-logreg; set retrain off; forget add 17"

run 0 --json -c "$B; blanket all; damping 1e-3; preview; leverage top=1437"
freedom_of() { grep "\"command\":\"$1\"" "$dir/out" | sed 's/.*"degrees_of_freedom":\([^,]*\).*/\1/'; }
freedom=$(freedom_of leverage)
holds "($(freedom_of preview) - $freedom)^2 < 1e-12"
holds "$freedom > 10 && $freedom < 650"
tail -n 1 "$dir/out" | tr '{' '\n' | sed -n 's/.*"leverage":\([^,]*\),.*/\1/p' >"$dir/h"
[ "$(wc -l <"$dir/h")" -eq 1437 ] || fail "not every sample has a leverage"
sort -g -r "$dir/h" | cmp -s - "$dir/h" || fail "not in order"
awk '$1 < 0 || $1 >= 1 { bad = 1 } END { exit bad }' "$dir/h" || fail "outside of [0, 1)"
grep -q '"id":17,"leverage":[^,]*,"label":[0-9],"set":"forget"' "$dir/out" || fail "17 is not marked"

# the list is as long as asked for; a second call is answered from what is there
run 0 --json -c "$B; blanket all; damping 1e-3; leverage top=3; leverage top=1"
[ "$(tail -n 1 "$dir/out" | grep -o '"id":' | wc -l)" -eq 1 ] || fail "not one sample"
holds "($(number degrees_of_freedom) - $freedom)^2 < 1e-18"
run 0 -c "$B; blanket all; leverage top=2"
said "leverage"

# few curvature samples: those left out may weigh more than all of them
run 0 -c "$B; set weight_decay 1e-5; blanket all; curvature samples=20; leverage top=1"
said "have a leverage of 1 or more"

refused 1 "the blanket is empty" "$B; blanket 0; leverage"
refused 1 "top must be a whole number from 1" "$B; leverage top=0"
refused 1 "'leverage' needs samples to forget" "load sample_models/digits-logreg; leverage"
