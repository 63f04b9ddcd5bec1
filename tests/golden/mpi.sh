# MPI: the same bits on one to four ranks, work done on all of them, a dead rank that ends
# the run, and one that goes on afterwards without making anything twice.
. tests/support/golden.sh
skip() {
    echo "$1"
    exit 77
}
command -v mpicc >/dev/null && command -v mpirun >/dev/null ||
    skip "needs mpicc and mpirun (libopenmpi-dev, openmpi-bin)"
case $BUILD in *san*) skip "MPI's own memory is not for the sanitizers" ;; esac
make -s --no-print-directory BUILD="$BUILD" "$BUILD/lethe-mpi" 2>"$dir/err" ||
    fail "MPI=1 does not build"
mpi=$PWD/$BUILD/lethe-mpi
begin="load sample_models/digits-logreg; forget clear; forget add class:3[:30]; blanket all"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

# ranks COUNT ARGUMENTS...: each rank leaves its own processor time in $dir/rank.N
ranks() {
    count=$1
    shift
    mpirun --oversubscribe -n "$count" sh -c \
        '"$@"; code=$?; times >"$0.$OMPI_COMM_WORLD_RANK"; exit $code' "$dir/rank" "$mpi" --no-rc \
        "$@" >"$dir/out" 2>"$dir/err" </dev/null
}
steady() {
    tail -n 1 "$dir/out" | sed 's/"time[a-z_]*":[^,}]*//g'
}
models() {
    ls "$dir/session/retrains" 2>/dev/null | wc -l
}
# hundredths of a second that a rank computed
spent() {
    sed -n '2s/ .*//;2s/\([0-9]*\)m\([0-9]*\)\.\([0-9][0-9]\).*/\1 \2 \3/p' "$dir/rank.$1" |
        awk '{ print 6000 * $1 + 100 * $2 + $3 }'
}

run 0 --json -c "$begin; audit n=4; retrain cold k=4"
alone=$(steady)
audit=$(grep '"command":"audit"' "$dir/out" | sed 's/"time[a-z_]*":[^,}]*//g')
for count in 1 2 4 3; do
    ranks $count --json -c "$begin; audit n=4; retrain cold k=4" || fail "$count ranks fail"
    [ "$(steady)" = "$alone" ] || fail "$count ranks make other models"
    [ "$(grep '"command":"audit"' "$dir/out" | sed 's/"time[a-z_]*":[^,}]*//g')" = "$audit" ] ||
        fail "$count ranks give another audit"
done
for rank in 1 2; do
    [ "$(spent $rank)" -ge 10 ] || fail "rank $rank did nothing"
done

# rivals: a table of methods, a search, an audit and single removals by another method
rivals="load sample_models/moons; forget add 4,9; compare methods k=2; compare masks k=2; tune scrub trials=4; method ascent; audit n=2; remove-each 40"
run 0 --json -c "$rivals"
sed 's/"time[a-z_]*":[^,}]*//g' "$dir/out" >"$dir/alone"
for count in 1 2 3; do
    ranks $count --json -c "$rivals" || fail "rivals on $count ranks fail"
    sed 's/"time[a-z_]*":[^,}]*//g' "$dir/out" | cmp -s - "$dir/alone" || fail "$count ranks find other rivals"
done

# one answer, from rank 0, also to a wrong command line
ranks 2 --wrong && fail "a wrong option is no failure"
[ "$(grep -c "lists the options" "$dir/err")" -eq 1 ] || fail "not one rank answers"

# a dead rank ends the run; what is on disk is not made again
mpirun --oversubscribe -n 2 "$mpi" --no-rc --session "$dir/session" -c "$begin; audit n=24" \
    >/dev/null 2>&1 </dev/null &
job=$!
while [ "$(models)" -lt 6 ] && kill -0 $job 2>/dev/null; do :; done
for pid in $(pgrep -P $job); do
    grep -qz OMPI_COMM_WORLD_RANK=1 "/proc/$pid/environ" 2>/dev/null && kill -9 "$pid"
done
wait $job && fail "goes on without a rank"
kept=$(ls -i "$dir/session/retrains" | grep -v tmp | head -n 5 | awk '{ print $1 }')
[ "$(models)" -lt 70 ] || fail "the rank was not killed in time"
ranks 2 --session "$dir/session" -c "$begin; audit n=24" || fail "does not go on"
for inode in $kept; do
    ls -i "$dir/session/retrains" | grep -q "^ *$inode " || fail "begins anew"
done
[ "$(ls "$dir/session/retrains" | grep -vc tmp)" -eq 72 ] || fail "$(models) models instead of 72"
