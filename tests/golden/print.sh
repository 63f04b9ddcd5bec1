# A report in a browser and on paper.
. tests/support/golden.sh
browser=
for candidate in chromium chromium-browser google-chrome; do
    command -v "$candidate" >/dev/null 2>&1 && browser=$candidate && break
done
[ -n "$browser" ] || { echo "skipped: the page in a browser (apt-get install chromium)"; exit 77; }
run 0 -c "load sample_models/digits-mlp; set retrain off; set curvature.samples 200; forget add 17,20-29; blanket all; commit \"asked by <mail>\"; report $dir/r.html"
has() { grep -qF -e "$2" "$dir/$1" || fail "$1 does not say '$2'"; }
timeout 60 "$browser" --headless --no-sandbox --disable-gpu --user-data-dir="$dir/browser" --window-size=900,2000 \
    --screenshot="$dir/r.png" "file://$dir/r.html" >/dev/null 2>&1 || fail "the browser does not show it"
[ "$(wc -c <"$dir/r.png")" -gt 30000 ] || fail "the page is empty in the browser"
# ... and on paper: pages of A4, no colour of the screen, nothing cut
timeout 60 "$browser" --headless --no-sandbox --disable-gpu --user-data-dir="$dir/browser" --no-pdf-header-footer \
    --print-to-pdf="$dir/r.pdf" "file://$dir/r.html" >/dev/null 2>&1 || fail "the browser does not print it"
[ "$(wc -c <"$dir/r.pdf")" -gt 20000 ] || fail "the paper is empty"
if command -v pdfinfo >/dev/null 2>&1; then
    pages=$(pdfinfo "$dir/r.pdf" | sed -n 's/^Pages: *//p')
    [ "$pages" -ge 2 ] && [ "$pages" -le 12 ] || fail "$pages pages"
fi
if command -v pdftotext >/dev/null 2>&1; then
    pdftotext -layout "$dir/r.pdf" "$dir/pdf.txt"
    for words in "What was forgotten" "What still holds them" "held-out accuracy" "Method" "SHA-256 of"; do
        has pdf.txt "$words"
    done
fi
exit 0
