# Views of three models beside each other, the trail, tuning and the table of methods.
. tests/support/golden.sh
L="load sample_models/moons; perturb count=100; forget add class:1[:30]"

# what is missing is named
refused 1 "'preview' first" "$L; view classes"
refused 1 "'retrain warm' first" "$L; set retrain off; preview; view confusion of=retrain"
refused 1 "which sample?" "$L; set retrain off; preview; view sample"
refused 1 "no such view yet: 'view embedding' first" "$L; plot embedding"
refused 1 "nothing was tried on these samples yet" "$L; plot tradeoff"
run 0 -c "explain trail"
grep -q "tradeoff" "$dir/out" || fail "the trail is taken for the audit trail"

# numbers agree with each other: accuracies of classes are the confusion's diagonal, shares sum to 1
run 0 --json -c "$L; set retrain off; blanket all; preview; view classes; view confusion; view layers; view embedding; view embedding by=discriminants; view sample 4; plot confusion; plot embedding; plot layers; plot classes; plot sample"
. tests/support/python.sh
python_or_skip
"$python" - "$dir/out" <<'P' || fail "numbers of views"
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
view = [r["result"] for r in rows if r["command"] == "view"]
classes, confusion, layers, pca, lda, sample = view
for row in classes["classes"]:
    k = ["upper", "lower"].index(row["class"])
    for model in ("before", "now"):
        matrix = confusion["confusion"][model]
        assert abs(row["accuracy_" + model] - matrix[k][k] / sum(matrix[k])) < 1e-12, (k, model)
    assert row["samples"] == sum(confusion["confusion"]["now"][k])
moved = [abs(r["accuracy_now"] - r["accuracy_before"]) for r in classes["classes"]]
assert moved == sorted(moved, reverse=True), moved
assert abs(sum(r["share_of_change"] for r in layers["layers"]) - 1) < 1e-9
assert all(0 < r["cka"] <= 1 + 1e-12 for r in layers["layers"])
assert len(pca["points"]) == len(lda["points"]) and {p["set"] for p in pca["points"]} == {"forget", "retain", "heldout"}
assert 1 >= pca["shares"][0] >= pca["shares"][1] > 0
for model in ("before", "now"):
    assert abs(sum(r[model] for r in sample["probabilities"]) - 1) < 1e-12
P
# layers of a model and itself are the same
run 0 --json -c "$L; view layers a=before b=root"
[ "$(grep -oE '"cka":[0-9.]+' "$dir/out" | sort -u | wc -l)" -ge 1 ] || fail "layers"
grep -oE '"cka":[0-9.e-]+' "$dir/out" | cut -d: -f2 | awk '$1 < 0.999999999 || $1 > 1.000000001 { exit 1 }' || fail "a model is not like itself"

# class by class in a preview, in what a commit keeps and in its report
run 0 --json --session "$dir/c" -c "$L; set retrain off; preview classes=on; view classes; commit x; report $dir/r.md"
"$python" - "$dir/out" <<'P' || fail "classes of a preview"
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
preview, view = (next(r["result"] for r in rows if r["command"] == c) for c in ("preview", "view"))
assert preview["classes"] == view["classes"] and len(view["classes"]) == 2
assert "recovery" in preview and preview["verdict"]
P
grep -q "class upper accuracy | 94.00 %" "$dir/r.md" || fail "no classes in the report"

# and in the difference of two commits
run 0 --json --session "$dir/c" -c "diff root head classes=on; evaluate classes=on; undo; evaluate classes=on"
"$python" - "$dir/out" <<'P' || fail "classes of a difference"
import json, sys
rows = [json.loads(line)["result"] for line in open(sys.argv[1])]
diff, b, a = rows[0], rows[1], rows[3]
assert diff["weights_changed"] > 0 and diff["set"] == "heldout"
for row in diff["classes"]:
    number = {"upper": 0, "lower": 1}[row["class"]]
    for side, measured in (("a", a), ("b", b)):
        want = next(c for c in measured["classes"] if c["set"] == "tune" and c["class"] == number)
        assert row["accuracy_" + side] == want["accuracy"] and abs(row["loss_" + side] - want["loss"]) < 1e-12
P

# pictures, also without a file
run 0 -c "$L; set retrain off; preview; view confusion"
grep -q "predicted" "$dir/out" || fail "no map in characters"
if command -v gnuplot >/dev/null; then
    run 0 -c "$L; set retrain off; preview; view embedding to=$dir/e.png; view confusion to=$dir/c.svg; plot tradeoff to=$dir/t.svg"
    [ -s "$dir/e.png" ] && grep -q "<svg" "$dir/c.svg" && grep -q "newton" "$dir/t.svg" || fail "pictures"
fi

# the trail: an entry for each way, replaced when tried again, exported, cleared
run 0 --json -c "$L; set retrain off; preview; damping 0.01; preview; preview; method ascent; preview; trail; trail to=$dir/t.csv; trail clear; trail"
grep '"command":"trail"' "$dir/out" | head -n 1 | grep -oE '"method":' | wc -l | grep -qx 3 || fail "not three entries"
[ "$(wc -l <"$dir/t.csv")" = 4 ] || fail "the export"
tail -n 1 "$dir/out" | grep -q '"tried":\[\]' || fail "not cleared"

# a retraining that comes later gives what is previewed its distances; what has none is left out, and that is said
run 0 --json -c "$L; set retrain off; method ascent; preview; method newton; preview; trail; retrain warm; trail; method scrub; preview; plot tradeoff"
"$python" - "$dir/out" <<'P' || fail "distances that come later"
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
before, after = [{t["method"]: t["kl_forget"] for t in r["result"]["tried"]} for r in rows if r["command"] == "trail"]
assert before == {"ascent": None, "newton": None}
assert after["ascent"] is None and after["newton"] > 0
plot = rows[-1]["result"]
assert {p["series"] for p in plot["points"]} == {"newton", "scrub"} and plot["points"][0]["y"] == after["newton"]
assert "KL to retraining" in plot["x_label"] and "1 without it left out" in plot["y_label"]
P

# it is kept with the session, for its owner alone, to the last bit; not one that was sealed
run 0 --json --session "$dir/k" -c "$L; set retrain off; preview; method ascent; preview; trail"
tail -n 1 "$dir/out" >"$dir/first"
[ "$(stat -c %a "$dir/k/retrains/trail.csv")" = 600 ] || fail "the trail can be read by others"
run 0 --json --session "$dir/k" -c "trail"
cmp -s "$dir/first" "$dir/out" || fail "the trail is not kept"
printf 'nonsense\n,,,\n' >>"$dir/k/retrains/trail.csv"
run 0 --json --session "$dir/k" -c "trail; trail clear"
head -n 1 "$dir/out" | cmp -s "$dir/first" - || fail "lines that are none are not left out"
run 0 --json --session "$dir/k" -c "trail; preview; commit x; seal receipt=$dir/receipt; trail; method scrub; forget add 40; preview"
head -n 1 "$dir/out" | grep -q '"tried":\[\]' || fail "it came back"
grep '"command":"trail"' "$dir/out" | tail -n 1 | grep -q '"tried":\[\]' || fail "it outlives the seal"
[ ! -e "$dir/k/retrains/trail.csv" ] || fail "a sealed session keeps a trail"

# the numbers of every view as arrays (views-numpy.sh reads them)
run 0 -c "$L; set retrain off; preview; view classes; view confusion; view layers; view embedding; view sample 9; dump views to=$dir/v.npz; method ascent; preview; view classes; dump views to=$dir/w.npz"
grep -c "embedding_now" "$dir/out" | grep -qx 1 || fail "a view of the preview before is written"
for name in classes_now confusion_now layers_cka embedding_now embedding_set sample_9_now trail; do said "$name"; done
refused 1 "nothing was looked at yet" "$L; dump views to=$dir/x.npz"
