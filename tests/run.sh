#!/bin/sh
# Runs unit test programs (arguments) and the scripts tests/golden/*.sh, tests/tui/*.sh and
# tests/onnx/*.sh, as many at once as there are processors (one more is slower); output only
# of what failed or was skipped. LETHE_TESTS=figures runs those scripts alone that are left out else:
# figures held against other programs (PyTorch, numpy, R, another runtime, MPI, a browser, programs
# built against the installed library), packages, and the longest walks over blankets and faults.
# LETHE_TESTS=broken runs, of the scripts, those that feed what is broken or hostile, and those of the
# screen. Ends with "N passed, N failed, N skipped" and fails if any did. With TIMES=1 it also says
# which twenty took most of the processors' time, and how long.
# A script that exits 77 was skipped; its last line says why.
set -u
BUILD=${BUILD:-build}
LETHE=$(pwd)/$BUILD/lethe
export BUILD LETHE
export OPENBLAS_NUM_THREADS=1 ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
unset LETHE_SESSION NO_COLOR
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
export results

# Scripts that only compare figures or words are the same under the sanitizers, and slow there.
of_figures='-torch\.sh$|-numpy\.sh$|/(exports|explain|shapes|weight-blankets|described|retrieval|people|views|sentences)\.sh$'
[ -z "${LETHE_TEST_SHARE:-}" ] && of_figures='^$'
by_others='-torch\.sh$|-numpy\.sh$|-sklearn\.sh$|/(described|training|exports|people|codec-reference|retrieval|print|zoo|mpi|embed'
by_others="$by_others|dist|faults|weight-blankets|weight-everything|blanket-steps)\\.sh\$"
of_broken='/tui/|/(bad-input|hostile|files|commands|session|cast|present|rights|stream|forget|output|plot|spurious|points)\.sh$'
case ${LETHE_TESTS:-} in
figures) chosen() { grep -E -e "$by_others"; } ;;
broken) chosen() { grep -E -e "$of_broken"; } ;;
*) chosen() { grep -vE -e "$by_others"; } ;;
esac

# The longest first, so that none is left running alone at the end.
{
    for t in tests/onnx/*.sh tests/golden/*.sh tests/tui/*.sh; do
        [ -e "$t" ] && echo "$t" | chosen | grep -vE -e "$of_figures"
    done
    for t in "$@"; do
        echo "$t"
    done
} >"$results/list"
xargs -P "${JOBS:-$(nproc 2>/dev/null || echo 2)}" -n 1 sh -c '
    name=$(echo "$1" | tr / _)
    case $1 in
    *.sh) sh "$1" ;;
    *) "$1" ;;
    esac >"$results/$name.log" 2>&1 </dev/null
    echo $? >"$results/$name.code"
    times >"$results/$name.times"' _ <"$results/list"

passed=0 failed=0 skipped=0
while read -r test; do
    log=$results/$(echo "$test" | tr / _)
    name=${test#"$BUILD"/tests/}
    code=$(cat "$log.code" 2>/dev/null || echo 70)
    case $code in
    0)
        passed=$((passed + 1))
        grep -h '^skipped:' "$log.log" | sed "s|^|$name: |"
        ;;
    77)
        skipped=$((skipped + 1))
        echo "skip $name: $(tail -n 1 "$log.log")"
        ;;
    *)
        failed=$((failed + 1))
        echo "FAIL $name (exit $code)"
        sed 's/^/    /' "$log.log" | tail -n 60
        ;;
    esac
done <"$results/list"
if [ "${TIMES:-0}" = 1 ]; then # the second line of `times` is that of the test: user and system
    for t in "$results"/*.times; do
        awk -v name="$(basename "$t" .times)" 'NR == 2 { split($1 "m" $2, t, /[ms]+/); printf "%7.1f s  %s\n", 60 * (t[1] + t[3]) + t[2] + t[4], name }' "$t"
    done | sort -rn | head -20
fi
[ -z "${LETHE_TEST_SHARE:-}" ] || echo "scripts of figures and words are left to the ordinary build"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
