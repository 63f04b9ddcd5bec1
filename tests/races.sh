#!/bin/sh
# The codec tests under the thread sanitizer. Only what they need is compiled: elsewhere functions
# are chosen by the loader, before the sanitizer is ready. usage: tests/races.sh
set -eu
CC=${CC:-gcc}
BUILD=${BUILD:-build}
out=$BUILD/races
mkdir -p "$out"
echo 'int main(void) { return 0; }' | $CC -fsanitize=thread -x c - -o "$out/probe" 2>/dev/null || {
    echo "races: $CC has no thread sanitizer (apt-get install libtsan2)"
    exit 77
}
flags="-std=c11 -D_GNU_SOURCE -ffp-contract=off -fno-math-errno -fno-trapping-math -pthread -O1 -g
 -fsanitize=thread -Iinclude -Isrc -I."
sets=base
case $($CC -dumpmachine) in x86_64-* | amd64-*) sets="base avx2 avx512" ;; esac
# shellcheck disable=SC2086
{
    for set in $sets; do
        case $set in
        avx2) more="-mavx2 -mfma" ;;
        avx512) more="-mavx512f -mavx512dq" ;;
        *) more= ;;
        esac
        for file in src/codec/lanes/*.c; do
            $CC $flags $more -DCODEC_SET=$set -c "$file" -o "$out/$(basename "$file" .c)-$set.o"
        done
    done
    for file in src/base/*.c src/codec/*.c tests/support/codec_brute.c; do
        $CC $flags -c "$file" -o "$out/$(basename "$(dirname "$file")")-$(basename "$file" .c).o"
    done
    for test in tests/unit/codec/*_test.c; do
        program=$out/$(basename "$test" .c)
        $CC $flags "$test" "$out"/*.o -o "$program" -lcmocka -lcjson -lz -lnettle -lm
        # the sanitizer of older compilers cannot live with many random bits in addresses
        LETHE_TEST_SHARE=4 setarch -R "$program" >"$out/log" 2>&1 || {
            echo "races: FAILED $test"
            tail -n 40 "$out/log"
            exit 1
        }
        echo "races: clean $test"
    done
}
