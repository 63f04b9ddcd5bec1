#!/bin/sh
# SPDX-License-Identifier: MIT
# liblethe.a keeps to its room: it neither prints, exits, reads the environment nor installs signal
# handlers, knows no terminal, and no two of its files define the same name.
set -u
lib=$BUILD/liblethe.a
bad=0
forbidden='stdout|stderr|stdin|printf|vprintf|puts|putchar|perror|exit|_exit|quick_exit|getenv|secure_getenv|setenv|signal|sigaction|system|popen|readline|newterm|initscr|wrefresh'
used=$(nm -u "$lib" 2>/dev/null | awk 'NF == 2 { print $2 }' | sed 's/@.*//' | sort -u | grep -Ex "$forbidden")
if [ -n "$used" ]; then
    echo "liblethe.a uses:" $used
    bad=1
fi
twice=$(nm --defined-only "$lib" 2>/dev/null | awk 'NF == 3 && $2 ~ /[TDBR]/ { print $3 }' | sort | uniq -d)
if [ -n "$twice" ]; then
    echo "defined by more than one file of liblethe.a:" $twice
    bad=1
fi
[ "$(nm --defined-only "$lib" 2>/dev/null | grep -c ' T lethe_')" -gt 100 ] || { echo "nm saw no library"; bad=1; }
exit $bad
