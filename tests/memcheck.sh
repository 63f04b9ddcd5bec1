#!/bin/sh
# The golden scripts under valgrind: every run of the program they make must end without an invalid
# access or a definite leak. usage: tests/memcheck.sh [SCRIPT ...]   (default: all golden scripts)
set -eu
BUILD=${BUILD:-build}
command -v valgrind >/dev/null || { echo "memcheck: valgrind is not installed (apt-get install valgrind)"; exit 77; }
mkdir -p "$BUILD/memcheck"
LETHE=$(pwd)/$BUILD/memcheck/lethe
cat >"$LETHE" <<EOF
#!/bin/sh
exec valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite $(pwd)/$BUILD/lethe "\$@"
EOF
chmod +x "$LETHE"
export LETHE_TEST_SHARE=${LETHE_TEST_SHARE:-4} # a quarter of the random cases, as with sanitizers
export LETHE_MEMCHECK=1
export LETHE BUILD OPENBLAS_NUM_THREADS=1 OPENBLAS_CORETYPE=Haswell
[ $# -gt 0 ] || set -- tests/golden/*.sh
bad=0
for script in "$@"; do
    code=0
    timeout 7200 sh "$script" >"$BUILD/memcheck/log" 2>&1 || code=$?
    case $code in
    0) echo "memcheck: clean $script" ;;
    77) echo "memcheck: skipped $script" ;;
    *)
        echo "memcheck: FAILED $script"
        tail -n 40 "$BUILD/memcheck/log"
        bad=1
        ;;
    esac
done
exit $bad
