# tune and compare methods: the search never loses to the published parameters by its score, sets and
# notes what it found, is the same again, and what was made is not made twice.
. tests/support/golden.sh
L="load sample_models/moons; forget add 4,9,30,31"
refused 1 "the Newton step has no parameters" "$L; tune newton"
refused 1 "must be" "$L; tune scrub trials=0"
refused 1 "'tuned' is for 'compare methods'" "$L; compare ladder trials=3"

# a budget ends the search long before so many trials, and says so; one trial is made in any case
run 0 --json -c "$L; tune finetune trials=9999 budget=0.2; method newton; tune finetune trials=9999 budget=1e-9"
[ "$(grep -c "the budget ended the search" "$dir/out")" = 2 ] || fail "no word of the budget"
tail -n 1 "$dir/out" | grep -q '"best":"\*","score":[0-9]' || fail "a budget of nothing finds nothing"

# settings that change meanwhile do not end it, and what it found is set in the end
run 0 --json -c "$L; tune scrub trials=8 &; damping 0.01; method finetune; wait; show method"
tail -n 1 "$dir/out" | grep -q '"value":"scrub"' || fail "a search was ended by a setting"

run 0 --json --session "$dir/s" -c "$L; tune relabel-nearest trials=6; show method.with; preview"
grep '"command":"tune"' "$dir/out" >"$dir/first"
. tests/support/python.sh
python_or_skip
"$python" - "$dir/out" <<'P' || fail "the search"
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
tuned = next(r["result"] for r in rows if r["command"] == "tune")
trials = tuned["trials"]
assert len(trials) == 6
done = [t for t in trials if t["rung"] == 3 and t["score"] is not None]
best = [t for t in trials if t["best"] == "*"]
assert len(best) == 1 and best[0]["score"] == min(t["score"] for t in done) == tuned["score"]
assert trials[0]["rung"] == 3 and tuned["score"] <= trials[0]["score"]
assert best[0]["with"] == tuned["with"]
shown = next(r["result"] for r in rows if r["command"] == "show")["settings"][0]["value"]
assert shown == tuned["with"]
preview = next(r["result"] for r in rows if r["command"] == "preview")
for k in ("forget", "retain", "heldout"):
    assert abs(preview["kl"][k]["now"] - best[0]["kl_" + k]) <= 1e-9 * (1 + best[0]["kl_" + k])
P
# again, from what the session kept: the same trials in a moment; the session's script has the line
run 0 --json --session "$dir/s" -c "forget clear; forget add 4,9,30,31; tune relabel-nearest trials=6"
grep '"command":"tune"' "$dir/out" | sed 's/"time":[^,}]*//g' >"$dir/a"
sed 's/"time":[^,}]*//g' "$dir/first" | cmp -s - "$dir/a" || fail "another search"
run 0 --json --session "$dir/s" -c "method newton; forget clear; forget add 4; compare methods k=3"
grep -q '"retrains":3' "$dir/out" || fail "no retrains"
for m in newton finetune ascent negplus randomlabel salun scrub ssd fisher badteacher relabel-nearest "(retrained, mean)"; do
    grep -qF "\"method\":\"$m\"" "$dir/out" || fail "no row of $m"
done
# newton in the table is newton in a preview, and so is another
run 0 --json --session "$dir/s" -c "compare methods k=3; preview; method scrub; preview; trail"
"$python" - "$dir/out" <<'P' || fail "rows and previews differ"
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
table = {r["method"]: r for r in next(r["result"] for r in rows if r["command"] == "compare")["methods"]}
newton, scrub = [r["result"] for r in rows if r["command"] == "preview"]
for name, preview in (("newton", newton), ("scrub", scrub)):
    for k in ("forget", "retain", "heldout"):
        want = preview["kl"][k]["now"]
        assert abs(table[name]["kl_" + k] - want) <= 1e-6 * (1e-9 + want), (name, k)
assert sum(t["here"] == "*" for t in rows[-1]["result"]["tried"]) == 11
P
# which parameters are not the published ones is said
run 0 --session "$dir/s" -c "method newton; compare methods k=3; method ascent epochs=2; compare methods k=3"
[ "$(grep -c "^with published parameters" "$dir/out")" = 1 ] && grep -q "^the others with published" "$dir/out" &&
    grep -q "^ascent as it is set: epochs=2," "$dir/out" || fail "no word of what is set"
