#!/bin/sh
# SPDX-License-Identifier: MIT
# liblethe.a and what the program adds to it below its skins keep to their rooms: they neither print,
# exit, read the environment nor install signal handlers, know no terminal, and no two of their files
# define the same name.
set -u
lib="$BUILD/liblethe.a $BUILD/libprogram.a"
bad=0
forbidden='stdout|stderr|stdin|printf|vprintf|puts|putchar|perror|exit|_exit|quick_exit|getenv|secure_getenv|setenv|signal|sigaction|system|popen|readline|newterm|initscr|wrefresh'
used=$(nm -u $lib 2>/dev/null | awk 'NF == 2 { print $2 }' | sed 's/@.*//' | sort -u | grep -Ex "$forbidden")
if [ -n "$used" ]; then
    echo "the libraries use:" $used
    bad=1
fi
twice=$(nm --defined-only $lib 2>/dev/null | awk 'NF == 3 && $2 ~ /[TDBR]/ { print $3 }' | sort | uniq -d)
if [ -n "$twice" ]; then
    echo "defined by more than one file of the libraries:" $twice
    bad=1
fi
[ "$(nm --defined-only $lib 2>/dev/null | grep -c ' T lethe_')" -gt 100 ] || { echo "nm saw no library"; bad=1; }
exit $bad
