# Under a limit on address space the program works or ends with one line; it never asks for ever.
. tests/support/golden.sh
(ulimit -v 8000000 && "$LETHE" --version >/dev/null 2>&1) || {
    echo "skipped: this build needs more address space than a limit leaves (sanitizers)"
    exit 77
}
for kb in 120000 180000 240000 330000 480000; do
    (ulimit -v $kb && timeout 60 "$LETHE" --no-rc -c "load sample_models/digits-logreg; set retrain off; forget add 17; preview" >"$dir/out" 2>"$dir/err" </dev/null)
    code=$?
    [ $code -eq 0 ] || [ $code -eq 4 ] || fail "exit $code with $kb kB"
    [ $code -eq 0 ] && [ -s "$dir/err" ] && fail "says something with $kb kB though it went well"
    [ $code -eq 4 ] && [ "$(wc -l <"$dir/err")" -ne 1 ] && fail "not one line with $kb kB"
done
(ulimit -v 120000 && "$LETHE" --no-rc -c "info" >"$dir/out" 2>"$dir/err" </dev/null)
grep -q "linear algebra needs .* MB in one piece; allow more, for example 'ulimit -v" "$dir/err" ||
    fail "does not say what is missing"
