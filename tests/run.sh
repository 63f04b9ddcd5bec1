#!/bin/sh
# Runs unit test programs (arguments) and the scripts tests/golden/*.sh, tests/tui/*.sh; one line
# each, output only of what failed. Ends with "N passed, N failed, N skipped" and fails if any did.
# A script that exits 77 was skipped; its last line says why.
set -u
BUILD=${BUILD:-build}
LETHE=$(pwd)/$BUILD/lethe
export BUILD LETHE
export OPENBLAS_NUM_THREADS=1 ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
unset LETHE_SESSION NO_COLOR
passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
one() {
    name=$1
    shift
    if "$@" >"$log" 2>&1 </dev/null; then
        passed=$((passed + 1))
        grep -h '^skipped:' "$log" | sed "s|^|$name: |"
    else
        code=$?
        if [ $code -eq 77 ]; then
            skipped=$((skipped + 1))
            echo "skip $name: $(tail -n 1 "$log")"
        else
            failed=$((failed + 1))
            echo "FAIL $name (exit $code)"
            sed 's/^/    /' "$log" | tail -n 60
        fi
    fi
}
for t in "$@"; do
    one "${t#"$BUILD"/tests/}" "$t"
done
for t in tests/golden/*.sh tests/tui/*.sh tests/onnx/*.sh; do
    [ -e "$t" ] && one "$t" sh "$t"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
