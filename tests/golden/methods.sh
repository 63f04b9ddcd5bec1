# Unlearning methods beside the Newton step: parameters, previews that leave the head alone, commits
# whose hashes hold method and parameters, undo, replay, sessions opened again, audit, remove-each.
. tests/support/golden.sh
L="load sample_models/digits-mlp-mislabelled; set retrain off; forget add 4,9,30"

# the list, a method's parameters, and what is wrong with them
run 0 -c method
for m in newton finetune ascent negplus randomlabel salun scrub ssd fisher badteacher relabel-nearest; do said "$m"; done
run 0 --json -c "method scrub rate=0.002 epochs=4; method scrub drop=1; show method.with"
tail -n 1 "$dir/out" | grep -q 'rate=0.002,drop=1,' || fail "parameters given before are not kept"
run 0 --json -c "method scrub rate=0.002; method finetune; method scrub; show method.with"
tail -n 1 "$dir/out" | grep -q 'rate=0.0005,' || fail "another method does not begin as published"
refused 1 "method 'scrub' has no parameter 'speed': it has alpha, gamma" "method scrub speed=3"
refused 1 "rate=fast: a number from" "method finetune rate=fast"
refused 1 "epochs=2.5: a whole number" "method finetune epochs=2.5"
refused 1 "did you mean 'scrub'?" "method scrab"
refused 1 "no selector 'best'" "method salun mask=best"
refused 1 "no selector 'best'" "method scrub mask=best"
refused 1 "has no parameter 'mask'" "method ssd mask=lfoci"
refused 1 "parameters are written key=value" "method salun best"
refused 1 "noise certifies a Newton step" "$L; noise eps=1; method finetune; preview"

# newton and its commits are what they were: no word of methods in them
run 0 --json -c "load sample_models/digits-logreg; set retrain off; forget add 4; blanket all; preview; commit"
grep -q '"method"' "$dir/out" && fail "a Newton step speaks of methods"

# every method: a preview does not touch the head, a commit is the preview, undo and redo
for m in finetune ascent negplus randomlabel salun "salun mask=gradnorm" "salun mask=lfoci" scrub "scrub mask=lfoci rewind=1" \
    ssd fisher badteacher relabel-nearest; do
    run 0 --json -c "$L; evaluate; method $m; preview; method newton; evaluate; method $m; preview; commit by $m; evaluate; undo; evaluate; redo; log"
    grep '"command":"evaluate"' "$dir/out" | sort | uniq -c | awk '{ print $1 }' | sort -n | tr '\n' ' ' |
        grep -q '^1 3 $' || fail "$m: the head moved before the commit, or undo did not bring it back"
    grep '"command":"preview"' "$dir/out" | sed 's/"time":[^,}]*//g; s/"seconds":[^,}]*//g' | sort -u | wc -l | grep -qx '1' ||
        fail "$m: two previews differ"
    grep '"command":"preview"' "$dir/out" | grep -q "\"method\":\"${m%% *}\"" || fail "$m: the answer does not name it"
    grep '"command":"preview"' "$dir/out" | grep -q '"verdict"' || fail "$m: a preview without a verdict"
done

# the hash holds method and parameters
id() { "$LETHE" --no-rc --json -c "$L; $1; preview; commit x" </dev/null 2>/dev/null | tail -n 1 | grep -oE '"id":"[0-9a-f]+"'; }
a=$(id "method finetune") b=$(id "method finetune rate=0.02") c=$(id "method finetune") d=$(id "set method finetune")
[ "$a" = "$c" ] && [ "$a" = "$d" ] && [ "$a" != "$b" ] && [ -n "$a" ] || fail "hashes: $a $b $c $d"

# a session: kept, opened again, replayed to the same hash
run 0 --json --session "$dir/s" -c "$L; method scrub rate=0.003 epochs=3; preview; commit one; log"
want=$(grep -oE '"id":"[0-9a-f]+"' "$dir/out" | tail -n 1)
run 0 --json --session "$dir/s" -c "log; show method.with; show method"
grep -q "rate=0.003" "$dir/out" && grep -q '"value":"scrub"' "$dir/out" || fail "the method is not kept"
run 0 --json -c "replay $dir/s"
grep -q '"same":true\|identical\|"differ":0\|"ok":true' "$dir/out" || fail "replay"

# remove-each, audit and report go by the method
run 0 --json -c "load sample_models/digits-mlp-mislabelled; method ascent rate=0.0005; remove-each 4,9; log"
grep -q '"removed":2' "$dir/out" && grep '"command":"remove-each"' "$dir/out" | grep -q '"method":"ascent","with":"epochs=5,rate=0.0005' ||
    fail "remove-each"
figure() { grep '"command":"audit"' "$dir/out" | grep -oE '"name":"forget.loss","before":[^,]*,"now":[^,]*,"retrain":[^,]*'; }
run 0 --json -c "load sample_models/moons; forget add 4,9,30,31; audit n=3"
newton=$(figure)
grep '"command":"audit"' "$dir/out" | grep -q '"method"' && fail "an audit of the Newton step speaks of methods"
run 0 --json -c "load sample_models/moons; forget add 4,9,30,31; method ascent rate=0.01; audit n=3"
rival=$(figure)
grep '"command":"audit"' "$dir/out" | grep -q '"method":"ascent","with":"epochs=5,rate=0.01' || fail "the audit does not name the method"
[ "${newton##*retrain}" = "${rival##*retrain}" ] && [ "$newton" != "$rival" ] ||
    fail "an audit does not go by the method: $newton, $rival"
run 0 --session "$dir/r" -c "$L; method relabel-nearest; preview; commit r; report $dir/r.md"
grep -q "relabel-nearest" "$dir/r.md" || fail "the report does not name the method"
