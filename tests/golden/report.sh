# report: the story first, figures by name, pictures inside, method and script; after a seal too.
. tests/support/golden.sh
. tests/support/python.sh
B="load sample_models/digits-mlp; set retrain off; forget add 17,20-29; blanket all"
run 0 --session "$dir/S" -c "$B; commit \"asked by <mail>\"; report $dir/r.md; report $dir/r.html; report $dir/r.json; report $dir/d.html what=deletion; report $dir/l.md what=lecture"
# has FILE TEXT, lacks FILE TEXT
has() { grep -qF -e "$2" "$dir/$1" || fail "$1 does not say '$2'"; }
lacks() { ! grep -qF -e "$2" "$dir/$1" || fail "$1 says '$2'"; }
has r.md "11 training samples were forgotten up to commit"
has r.md "Nothing was retrained beside it"
has r.md "What still holds them"
has r.md "| held-out accuracy | 94.02 % |"
has r.md "## Method"
[ "$(sed -n 's/^| \(..*\) |.*|$/\1/p' "$dir/r.md" | sed 's/ | .*//' | grep -v -e '^--' -e '^figure' | sort | uniq -d | wc -l)" -eq 0 ] || fail "a figure is told twice"
has r.md "| step is an estimate | no |"
has r.md "    forget add 17,20-29"
for file in r.md r.html d.html; do
    for word in 1970 "more js" more_ "<script"; do
        lacks $file "$word"
    done
done
lacks d.html "<h2>Method</h2>"
has d.html "<h2>How to do it again</h2>"
lacks l.md "How to do it again"
has r.json '"what":'
has r.json "Nothing was retrained beside it"
has r.json '"script":'
if command -v gnuplot >/dev/null 2>&1; then
    [ "$(grep -c '<svg' "$dir/r.html")" -ge 3 ] || fail "fewer than three pictures"
    has r.json "Losses of the forgotten samples"
    has r.html "What the last layer is given" # of more than two inputs the embedding
    has r.html "the same for both"
fi
# beside a retrained model the verdict has its figures
run 0 -c "load sample_models/digits-logreg; forget clear; forget add 17; blanket all; preview; commit; report $dir/t.md"
has t.md "of the change that retraining without them makes"
has t.md "after retraining"

# told once: a change that is the recovery, the samples of the only removal; the method that took the
# step's place
lacks t.md "| change, probs |"
has t.md "| recovery, probs |"
has t.md "forgotten here: the sample above."
run 0 -c "load sample_models/rings; forget add generated; method finetune; preview; commit; report $dir/m.md"
has m.md "by the method 'finetune' in place of the Newton step"
has m.md "forgotten here: all samples above."
# the first page and the picture are of two halves: each says of which, and the picture's figures are those
# that the table has of that half
has m.md "beside the held-out half that the settings were chosen by"
if command -v gnuplot >/dev/null 2>&1; then
    awk -F'|' '/^. attack AUC, other half/ { printf "where it began %.3f, now %.3f\n", $3, $4 }' "$dir/m.md" >"$dir/half"
    [ -s "$dir/half" ] && grep -qF "AUC here: $(cat "$dir/half")" "$dir/m.md" || fail "picture and table of the other half differ"
fi

# after a seal: what is left in the session is said, and nothing more
run 0 -c "load sample_models/rings; forget add generated; blanket all; damping 1e-3; preview; commit; seal receipt=$dir/receipt; report $dir/s.md; report $dir/s.json"
has s.md "not this session, but for its record of the samples that 'generate' changed"
has s.json "6 training samples were forgotten before this session was sealed"
run 0 -c "load sample_models/digits-logreg; set retrain off; forget add 3; blanket all; preview; commit; seal receipt=$dir/receipt2; report $dir/s.md"
has s.md "What still holds them: not this session; the training data"

# hashed: no number of a sample, in a full report and in what the commit says either
run 0 -c "load sample_models/rings; forget add 163; blanket all; damping 1e-3; preview; commit 'request 12 is for 163, not 1630'; forget add 253; preview; commit; report $dir/h.md ids=hashed; report $dir/h.json ids=hashed; report $dir/h.html ids=hashed"
for file in h.md h.json h.html; do
    has $file "request 12 is for (number of a sample), not 1630"
    sed -e 's/<svg.*//' "$dir/$file" | grep -qE '(^|[^0-9a-f.])(163|253)([^0-9a-f.]|$)' && fail "$file names a sample"
done

# classes, the plane and the retrained curve of the history; a removal that did harm without a number
# nobody can read
run 0 -c "load sample_models/rings; forget add generated; blanket all; damping 1e-3; preview; commit; forget add 3; preview; commit; report $dir/p.html"
has p.html "times as far from those of retraining without them as with nothing done"
grep -qE -e '-[0-9]{3,}(\.[0-9])? %' "$dir/p.html" && fail "a removal made less than -100 %"
if command -v gnuplot >/dev/null 2>&1; then
    for words in "class by class" "where the decision changes" "retrained beside it" "forgotten, retrained" "boundary before" "boundary now" "boundary retrained" "held-out accuracy"; do
        has p.html "$words"
    done
    [ "$(grep -c '<svg' "$dir/p.html")" -eq 5 ] || fail "not five pictures"
fi

# the retrained model is drawn after the session is opened again, too; where it is not known the report
# says why and how, and that way leads there
if command -v gnuplot >/dev/null 2>&1; then
    run 0 -c "load sample_models/digits-mlp; train model=mlp:8 epochs=60; set retrain off; forget add 17; blanket all; retrain warm; preview; commit; report $dir/first.html; save $dir/kept"
    has first.html "the same for all three"
    run 0 -c "open $dir/kept; report $dir/again.html; forget add 20; preview; commit; report $dir/none.html; undo; report $dir/old.json"
    cmp -s "$dir/first.html" "$dir/again.html" || fail "another report after the session was opened again"
    lacks first.html "is not drawn"
    has none.html "The retrained model is not drawn: none was made beside the last removal"
    has old.json "is not drawn: its weights are kept for the commit made last only"
    run 0 --session "$dir/kept" -c "undo; retrain warm; preview; commit; report $dir/back.html; seal receipt=$dir/kept.json"
    lacks back.html "is not drawn"
    has back.html "the same for all three"
    [ ! -e "$dir/kept/retrains/beside-head" ] || fail "a seal leaves the retrained model"
fi

# by salted hashes when asked: the salt is in the answer and opens them, the numbers are nowhere
for ending in md html json; do
    (PATH="$dir/none" && exec "$LETHE" --no-rc --json --session "$dir/S" -c "report $dir/h.$ending ids=hashed") \
        >"$dir/out" 2>"$dir/err" </dev/null || fail "no hashed report"
    salt=$(tail -n 1 "$dir/out" | sed -n 's/.*"salt":"\([0-9a-f]*\)".*/\1/p')
    [ ${#salt} -eq 64 ] || fail "no salt in the answer"
    lacks h.$ending "$salt"
    lacks h.$ending "17, 20-29"
    lacks h.$ending "forget add 17"
    if python_with hashlib; then
        "$python" -c "
import hashlib
for id in 17, 20, 29:
    print(hashlib.sha256(bytes.fromhex('$salt') + id.to_bytes(8, 'little')).hexdigest())" >"$dir/hashes"
        [ "$(wc -l <"$dir/hashes")" -eq 3 ] || fail "no hashes to look for"
        while read -r hash; do
            has h.$ending "$hash"
        done <"$dir/hashes"
    fi
    [ "$(grep -oE '\b[0-9a-f]{64}\b' "$dir/h.$ending" | sort -u | wc -l)" -ge 11 ] || fail "fewer than eleven hashes"
done
lacks h.json '"leverage"'

# sealed: it opens with what was forgotten before
run 0 --session "$dir/S" -c "seal receipt=$dir/receipt.json; report $dir/s.md"
sed -n 5p "$dir/s.md" >"$dir/first"
has first "11 training samples were forgotten before this session was sealed"
lacks s.md "1970"
has s.md "The script up to the seal is gone with it."
lacks s.md "what follows came after"
exit 0
