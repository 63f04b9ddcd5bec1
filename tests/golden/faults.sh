# The short version of `make faults`: a kill at every sixth operation on files.
[ -e "$BUILD/tests/faults.so" ] || {
    echo "skipped: no $BUILD/tests/faults.so ('make check' builds it)"
    exit 77
}
LD_PRELOAD=$(pwd)/$BUILD/tests/faults.so "$LETHE" --version >/dev/null 2>&1 || {
    echo "skipped: nothing can be preloaded into this build (sanitizers)"
    exit 77
}
JOBS=1 exec tests/faults/run.sh "$(pwd)/$BUILD/tests/faults.so" short
