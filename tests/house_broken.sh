#!/bin/sh
# SPDX-License-Identifier: MIT
# The rules of tests/house.sh hold here, and each of them is seen to complain when it is broken, in a
# house of a few files.
. tests/support/golden.sh
BUILD=${BUILD:-build}
rules=$(pwd)/tests/house.sh
BUILD=$BUILD "$rules" >"$dir/out" 2>&1 || fail "a rule of the house is broken"
cc=${CC:-cc}
first=$dir/first
mkdir -p "$first/include/lethe" "$first/src/base" "$first/src/data" "$first/src/cmd" "$first/ui"
(
    cd "$first" || exit 1
    printf '#include "lethe/alloc.h"\n#define LETHE_VERSION "0.1"\n' >include/lethe/lethe.h
    printf '/* Gives memory back; NULL ok. */\nvoid lethe_free(void *block);\n' >include/lethe/alloc.h
    printf 'struct lethe_one {\n    int a;\n};\nint lethe_one(void);\n' >src/base/one.h
    printf '#include "base/one.h"\nint lethe_one(void)\n{\n    return 1;\n}\n' >src/base/one.c
    printf 'int lethe_other(void);\nint lethe_other(void)\n{\n    return 2;\n}\n' >src/base/other.c
    printf '#include "base/one.h"\nint lethe_two(void);\nint lethe_two(void)\n{\n    return lethe_one();\n}\n' >src/data/two.c
    printf 'int lethe_command(void);\nint lethe_command(void)\n{\n    return 3;\n}\n' >src/cmd/three.c
    printf 'struct lethe_command {\n    const char *name;\n};\n' >src/cmd/command.h
    printf '#include "cmd/command.h"\nconst struct lethe_command lethe_command_go_on = {\n    .name = "go-on",\n};\n' >src/cmd/cmd_go_on.c
    printf 'int lethe_screen(void);\nint lethe_screen(void)\n{\n    return 4;\n}\n' >ui/four.c
)
# clean: the house in order, with its objects, once more
clean() {
    rm -rf "$dir/house"
    cp -Rp "$first" "$dir/house"
    cd "$dir/house" || exit 1
}
# build: the objects of what is new
build() {
    find src ui -name '*.c' | while read -r f; do
        object=build/${f%.c}.o
        [ "$object" -nt "$f" ] && continue
        mkdir -p "build/$(dirname "$f")"
        $cc -Iinclude -Isrc -w -c -o "$object" "$f" || exit 1
    done
}
# broken WORDS: the house is built and complained about in these words
broken() {
    build || fail "the house of '$1' does not build"
    BUILD=build "$rules" >"$dir/out" 2>&1 && fail "nothing complains: $1"
    grep -q "$1" "$dir/out" || fail "complains in other words than '$1'"
}
# also WORDS: the same house is complained about in these, too
also() {
    grep -q "$1" "$dir/out" || fail "complains in other words than '$1'"
}
cd "$first" || exit 1
build
BUILD=build "$rules" >"$dir/out" 2>&1 || fail "complains about a house in order"

clean
sed -i '1i #include "data/two.h"' src/base/other.c
echo 'int lethe_two(void);' >src/data/two.h
broken 'src/base/other.c: includes data/two.h, and data/ stands above base/'
clean
printf 'int lethe_two(void);\nint lethe_up(void);\nint lethe_up(void)\n{\n    return lethe_two();\n}\n' >src/base/up.c
broken 'src/base/up.c: uses lethe_two, and data/ stands above base/'
clean
printf 'int lethe_other(void);\nint lethe_one(void)\n{\n    return lethe_other();\n}\n' >src/base/one.c
printf 'int lethe_one(void);\nint lethe_other(void)\n{\n    return lethe_one();\n}\n' >src/base/other.c
broken 'src/base/one.c -> src/base/other.c -> src/base/one.c'
clean
printf 'struct lethe_one {\n    double b;\n};\n' >src/data/again.h
broken 'lethe_one: src/base/one.h and src/data/again.h'
clean
printf 'int lethe_one(void);\nint lethe_one(void)\n{\n    return 5;\n}\n' >src/cmd/again.c
broken 'lethe_one: src/base/one.c and src/cmd/again.c'
clean
yes '' | head -501 >>src/base/one.c
broken '506 lines: src/base/one.c'
clean
{ echo 'int lethe_long(void)'; echo '{'; yes '    ;' | head -79; echo '    return 0;'; echo '}'; } >src/base/long.c
broken '83 lines: line 1 of src/base/long.c'
clean
for k in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do yes '' | head -480 >src/cmd/more_$k.c; done
broken 'src/cmd has 7692 lines, 7500 are allowed'
clean
for name in on words run_on; do sed "s/lethe_command_go_on/lethe_command_$name/" src/cmd/cmd_go_on.c >src/cmd/cmd_$name.c; done
sed '/^#include/d; s/lethe_command_go_on/lethe_command_halt/' src/cmd/cmd_go_on.c >>src/cmd/cmd_on.c
mv src/cmd/cmd_words.c src/cmd/words.c
sed 's/_go_on/_run/' src/cmd/cmd_go_on.c >src/cmd/cmd_walk.c
echo 'int lethe_none;' >src/cmd/cmd_none.c
broken 'src/cmd/cmd_on.c: has the row of on, halt; by its name that of on'
also 'src/cmd/words.c: has the row of words; by its name that of no command'
also 'src/cmd/cmd_walk.c: has the row of run; by its name that of walk'
also 'src/cmd/cmd_none.c: has the row of no command; by its name that of none'
also 'src/cmd/cmd_run_on.c: its command is called go_on'
grep -q 'cmd_go_on' "$dir/out" && fail "complains about a command that is a file"
clean
echo '/* Nothing. */' >include/lethe/stray.h
broken 'include/lethe/stray.h: has no room in tests/house.sh'
clean
echo '/* Nothing. */' >include/lethe/rng.h
broken 'public headers that lethe/lethe.h leaves out:'
clean
echo 'void lethe_free(void *block);' >include/lethe/alloc.h
broken 'include/lethe/alloc.h: lethe_free has no comment'
clean
printf '/* A name. */\nconst char *lethe_free(void *block);\n' >include/lethe/alloc.h
broken 'include/lethe/alloc.h: whose is what lethe_free hands out?'
clean
printf '/* Gives memory back; see lethe_hidden. */\nvoid lethe_free(void *block);\n' >include/lethe/alloc.h
broken 'names in comments of public headers that no public header declares:'
clean
build
printf '\n' >src/base/new.c
BUILD=build "$rules" >"$dir/out" 2>&1 && fail "a file without an object goes unnoticed"
grep -q "no object for these files" "$dir/out" || fail "a file without an object goes unnoticed"
exit 0
