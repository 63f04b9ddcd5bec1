# report: the story first, figures by name, pictures inside, method and script; after a seal too.
. tests/support/golden.sh
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
fi
# beside a retrained model the verdict has its figures
run 0 -c "load sample_models/digits-logreg; forget clear; forget add 17; blanket all; preview; commit; report $dir/t.md"
has t.md "of the change that retraining without them makes"
has t.md "after retraining"

# sealed: it opens with what was forgotten before
run 0 --session "$dir/S" -c "seal receipt=$dir/receipt.json; report $dir/s.md"
sed -n 5p "$dir/s.md" >"$dir/first"
has first "11 training samples were forgotten before this session was sealed"
lacks s.md "1970"

# in a browser
browser=
for candidate in chromium chromium-browser google-chrome; do
    command -v "$candidate" >/dev/null 2>&1 && browser=$candidate && break
done
[ -n "$browser" ] || { echo "skipped: the page in a browser (apt-get install chromium)"; exit 0; }
timeout 60 "$browser" --headless --no-sandbox --disable-gpu --user-data-dir="$dir/browser" --window-size=900,2000 \
    --screenshot="$dir/r.png" "file://$dir/r.html" >/dev/null 2>&1 || fail "the browser does not show it"
[ "$(wc -c <"$dir/r.png")" -gt 30000 ] || fail "the page is empty in the browser"
exit 0
