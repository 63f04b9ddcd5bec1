# sessions/rivals.lethe on the moons, in a moment: every row is there, what was made is not made twice, and
# a run that was killed goes on to the same table.
. tests/support/golden.sh
sed -e 's#sample_models/digits-mlp-mislabelled#sample_models/moons#; s#generated\[:20\]#generated#' \
    -e 's/^compare methods$/compare methods k=2/; s/trials=20/trials=3 k=2/; s/^compare masks/& k=2/' \
    sessions/rivals.lethe >"$dir/short.lethe"
table() { grep '"command":"compare"' "$dir/out" | sed 's/"time":[^,}]*//g'; }
models() { ls "$dir/s/retrains" 2>/dev/null | grep -vc 'tmp\|csv'; }
methods="newton finetune ascent negplus randomlabel salun scrub ssd fisher badteacher relabel-nearest"

run 0 --json -f "$dir/short.lethe"
table >"$dir/whole"
[ "$(wc -l <"$dir/whole")" = 3 ] || fail "not three tables"
for line in 1 2; do
    for m in $methods; do
        sed -n ${line}p "$dir/whole" | grep -qF "\"method\":\"$m\"" || fail "no $m in table $line"
    done
done
for m in saliency lfoci gain weights gradnorm fisher updatenorm lastlayer random full; do
    sed -n 3p "$dir/whole" | grep -qF "\"mask\":\"$m\"" || fail "no mask $m"
done
# masks are of one size, as far as whole units reach, and not the same
sed -n 3p "$dir/whole" | grep -oE '"mask":"[a-z]+"[^{}]*"parameters":[0-9]+' | sed 's/.*"mask":"\([a-z]*\)".*"parameters":/\1 /' >"$dir/sizes"
awk '$1 == "full" ? $2 <= 101 : $2 > 101 { bad = 1 } END { exit bad }' "$dir/sizes" || fail "sizes of masks: $(cat "$dir/sizes")"
[ "$(sed -n 3p "$dir/whole" | grep -oE '"mask":"[a-z]+","forget_accuracy"[^{}]*"kl_retain":[0-9.e-]+' | sed 's/.*kl_retain//' | sort -u | wc -l)" -ge 5 ] ||
    fail "masks that make no difference"

# masks are of the method that is set
run 0 --json -c "load sample_models/moons; forget add generated; blanket all; method finetune; compare masks k=2"
tail -n 1 "$dir/out" | grep -q '"mask":"none".*"with":"epochs=10,rate=0.01,momentum=0.9,batch=256","tuned"' &&
    tail -n 1 "$dir/out" | grep -q '"mask":"lfoci".*batch=256,mask=lfoci' || fail "masks are not of the method that is set"

# and every method that trains, on every mask
sed -e 's#sample_models/digits-mlp-mislabelled#sample_models/moons#; s#generated\[:20\]#generated#' \
    -e 's/trials=20/trials=2/; s/^compare masks/& k=2/' sessions/rivals-masks.lethe >"$dir/masks.lethe"
run 0 --json --session "$dir/m" -f "$dir/masks.lethe"
[ "$(table | grep -c '"masks":')" = 8 ] && [ "$(table | grep -c '"mask":"lfoci".*"mask":"weights"')" = 8 ] ||
    fail "not eight tables of masks"

# killed half way, then run again: the same tables, and the models that were there are left alone
"$LETHE" --no-rc --session "$dir/s" -f "$dir/short.lethe" >/dev/null 2>&1 </dev/null &
job=$!
while [ "$(models)" -lt 8 ] && kill -0 $job 2>/dev/null; do sleep 0.01; done
kill -9 $job 2>/dev/null
wait $job 2>/dev/null
kept=$(ls -i "$dir/s/retrains" | grep -v 'tmp\|csv' | awk '{ print $1 }')
run 0 --json --session "$dir/s" -f "$dir/short.lethe"
table | cmp -s - "$dir/whole" || fail "another table after a kill"
for inode in $kept; do
    ls -i "$dir/s/retrains" | grep -q "^ *$inode " || fail "made again"
done
made=$(models)
run 0 --json --session "$dir/s" -f "$dir/short.lethe"
table | cmp -s - "$dir/whole" || fail "another table from what was kept"
[ "$(models)" = "$made" ] || fail "something was made twice"
