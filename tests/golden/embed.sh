#!/bin/sh
# SPDX-License-Identifier: MIT
# liblethe as a stranger meets it: two short programs built against the installed tree alone, with
# pkg-config, shared and static; their figures are those of the program.
. tests/support/golden.sh
. tests/support/python.sh
skip() {
    echo "$1"
    exit 77
}
[ -e "$BUILD/liblethe.so" ] || skip "needs the shared library of an ordinary build"
command -v pkg-config >/dev/null || skip "needs pkg-config"
cc=${CC:-cc}
tree=$dir/tree
make -s --no-print-directory BUILD="$BUILD" install DESTDIR="$tree" PREFIX=/usr >"$dir/out" 2>"$dir/err" ||
    fail "make install fails"
for file in bin/lethe lib/liblethe.a lib/liblethe.so lib/liblethe.so.0 lib/pkgconfig/lethe.pc \
    include/lethe/lethe.h share/man/man1/lethe.1 share/bash-completion/completions/lethe \
    share/zsh/site-functions/_lethe share/lethe/sessions/lessons/01-forgetting.lesson \
    share/lethe/sample_models/rings/model.onnx; do
    [ -s "$tree/usr/$file" ] || fail "make install puts no usr/$file there"
done
export PKG_CONFIG_SYSROOT_DIR="$tree" PKG_CONFIG_PATH="$tree/usr/lib/pkgconfig"
[ "lethe $(pkg-config --modversion lethe)" = "$("$LETHE" --version | head -1)" ] || fail "two versions"
for name in forget foci; do
    [ "$(wc -l <"tests/embed/$name.c")" -le 60 ] || fail "$name.c has more than 60 lines"
    cp "tests/embed/$name.c" "$dir/"
    (cd "$dir" && $cc -std=c11 -Wall -Wextra -Werror -o "$name" "$name.c" $(pkg-config --cflags --libs lethe)) \
        2>"$dir/err" || fail "$name.c does not build against liblethe.so"
    (cd "$dir" && $cc -std=c11 -o "$name-static" "$name.c" $(pkg-config --cflags lethe) \
        "$tree/usr/lib/liblethe.a" $(pkg-config --static --libs-only-l lethe | sed 's/-llethe//')) \
        2>"$dir/err" || fail "$name.c does not build against liblethe.a"
done
# every header stands on its own
for header in include/lethe/*.h; do
    echo "#include <lethe/$(basename "$header")>" >"$dir/one.c"
    $cc -std=c11 -Wall -Wextra -Werror -fsyntax-only -I"$tree/usr/include" "$dir/one.c" 2>"$dir/err" ||
        fail "$(basename "$header") does not stand on its own"
done
LD_LIBRARY_PATH=$tree/usr/lib "$dir/forget" sample_models/digits-mlp 17 >"$dir/shared" 2>"$dir/err" ||
    fail "forget does not run"
"$dir/forget-static" sample_models/digits-mlp 17 >"$dir/static" 2>"$dir/err" || fail "forget does not run"
cmp -s "$dir/shared" "$dir/static" || fail "shared and static differ"
run 0 --json -c 'load sample_models/digits-mlp; forget add 17; blanket all; damping 0; preview; retrain warm; preview'
python_with || echo "skipped: the same figures as the program (apt-get install python3)"
[ -z "$python" ] || "$python" - "$dir/out" "$dir/shared" <<'P' || fail "the program has other figures"
import json, sys
answer = [json.loads(line) for line in open(sys.argv[1])][-1]["result"]["forget"]["loss"]
rows = [line.split() for line in open(sys.argv[2])]
sys.exit(any(abs(answer[name] - float(row[3])) > 6e-5 for row in rows for name in [row[0]]))
P
LD_LIBRARY_PATH=$tree/usr/lib "$dir/foci" tests/fixtures/foci.csv >"$dir/out" 2>"$dir/err" || fail "foci does not run"
same <<'A'
column 2  T 0.520000
column 1  T 0.776438
stopped: no gain
A
# nothing but public names is seen from outside
nm -D --defined-only "$tree/usr/lib/liblethe.so" | awk '$2 ~ /[TDBR]/ && $3 !~ /^lethe_/' >"$dir/err"
[ -s "$dir/err" ] && fail "liblethe.so shows names that are not its own"
nm --defined-only "$tree/usr/lib/liblethe.a" 2>/dev/null | awk 'NF == 3 && $2 ~ /[TDBR]/ && $3 !~ /^lethe_/' >"$dir/err"
[ -s "$dir/err" ] && fail "liblethe.a shows names that are not its own"
exit 0
