#!/bin/sh
# Layout (clang-format), clang-tidy, cppcheck, and the house rules that a machine can check.
set -u
bad=0
files=$(git ls-files --cached --others --exclude-standard '*.c' '*.h')
# shellcheck disable=SC2086
clang-format --dry-run --Werror $files || bad=1
units=$(echo "$files" | grep '\.c$')
# shellcheck disable=SC2086
echo "$units" | grep -v '^tests/' | xargs -P 2 -n 4 sh -c '
    clang-tidy --quiet "$@" -- -std=c11 -D_GNU_SOURCE -DLETHE_REAL_BITS=64 -DLETHE_READLINE=1 -Iinclude -Isrc -I. -Ibuild/gen 2>/dev/null' _ || bad=1
cppcheck --quiet --std=c11 --enable=warning,performance,portability --error-exitcode=1 \
    --inline-suppr --suppress=missingIncludeSystem -DLETHE_REAL_BITS=64 -Iinclude -Isrc -I. src ui || bad=1

# An arrow may only point down the list of rooms.
order="base codec tensor nn data onnx eval unlearn session job plot text removal study workbench cmd"
rank() { n=0; for r in $order; do n=$((n + 1)); [ "$r" = "$1" ] && echo $n && return; done; echo 0; }
for f in $(echo "$files" | grep '^src/'); do
    room=$(echo "$f" | cut -d/ -f2)
    for target in $(sed -n 's|^#include "\([a-z]*\)/.*|\1|p' "$f" | sort -u); do
        [ "$target" = lethe ] && continue
        if [ "$(rank "$target")" -gt "$(rank "$room")" ] || [ "$target" = ui ]; then
            echo "$f: includes $target/, which stands below $room/"
            bad=1
        fi
    done
done
long=$(echo "$files" | grep -E '^(src|ui)/.*\.c$' | ctags -x --c-kinds=f --_xformat='%{line} %{end} %N %F' -L - |
    awk '$2 - $1 > 80 { print $2 - $1 + 1 " lines: " $3 " in " $4 }')
[ -n "$long" ] && echo "functions over 80 lines:" && echo "$long" && bad=1
[ $bad -eq 0 ] && echo "lint: clean"
exit $bad
