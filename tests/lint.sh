#!/bin/sh
# Layout (clang-format), clang-tidy, cppcheck, and the rules of the house (tests/house.sh), each of
# which is seen to complain (tests/house_broken.sh).
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

tests/house.sh || bad=1
sh tests/house_broken.sh || bad=1
[ $bad -eq 0 ] && echo "lint: clean"
exit $bad
