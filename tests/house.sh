#!/bin/sh
# SPDX-License-Identifier: MIT
# The rules of the house that a machine can check, and the house as a table.
# - an arrow (an include, a symbol) points only to a room that stands before its own in the list
# - no two files of a room call each other in a circle
# - no struct tag is defined twice; no file over 500 lines, no function over 80; src/cmd <= 7,500 lines
# usage: [BUILD=build] tests/house.sh; needs the objects of an ordinary build. Silent rules, then the table.
set -u
BUILD=${BUILD:-build}
order="base codec tensor nn data onnx eval unlearn session job plot text removal study workbench cmd ui"
# The room of each public header.
public="alloc:base array:data audit:eval blanket:unlearn bundle:data cancel:base certificate:eval codec:codec
curvature:unlearn dataset:data ekfac:unlearn equivalence:eval error:base eval:eval figures:unlearn generate:data job:job
knn:unlearn leverage:unlearn linearised:unlearn load:data near:data nn:nn onnx:onnx pcg:unlearn perturb:unlearn plot:plot problem:unlearn
product:unlearn projection:unlearn report:session retrain:unlearn rng:base select:unlearn session:session train:unlearn
update:unlearn lethe:ui"
cmd_lines=7500 file_lines=500 function_lines=80
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
complain() {
    [ -s "$2" ] || return
    echo "$1"
    sed 's/^/    /' "$2"
    bad=1
}
git ls-files --cached --others --exclude-standard 'src/*.[ch]' 'ui/*.[ch]' 'include/*.h' | sort -u |
    while read -r f; do [ -f "$f" ] && echo "$f"; done >"$work/files"
grep -E '\.c$' "$work/files" >"$work/sources"

# ---- what each file defines and uses -------------------------------------------------------------
# lines: file D symbol | file U symbol. Kernels are compiled several times; one of them speaks for all.
while read -r f; do
    stem=${f%.c}
    for object in "$BUILD/$stem.o" "$BUILD/$stem.f64.o" "$BUILD/$stem.base.o"; do
        [ -f "$object" ] || continue
        nm "$object" | awk -v f="$f" 'NF == 3 && $2 ~ /[TDBRV]/ { print f, "D", $3 } NF == 2 && $1 == "U" { print f, "U", $2 }'
    done
done <"$work/sources" >"$work/symbols"
awk '{ print $1 }' "$work/symbols" | sort -u >"$work/compiled"
sort "$work/sources" | comm -23 - "$work/compiled" >"$work/missing"
complain "no object for these files; 'make' first:" "$work/missing"

# ---- arrows: file from-room to-room why ----------------------------------------------------------
awk -v order="$order" -v public="$public" '
    function room(path, part) { split(path, part, "/"); return part[1] == "ui" ? "ui" : part[2] }
    BEGIN {
        n = split(order, names, " "); for (i = 1; i <= n; i++) rank[names[i]] = i
        m = split(public, pairs, /[ \n]+/); for (i = 1; i <= m; i++) { split(pairs[i], p, ":"); home[p[1]] = p[2] }
    }
    FILENAME ~ /symbols$/ { if ($2 == "D") at[$3] = $1; else { used[++u] = $1; what[u] = $3 } next }
    {
        file = $0
        from = room(file)
        if (file ~ /^include\//) { name = file; sub(/.*\//, "", name); sub(/\.h$/, "", name); from = home[name]
            if (!(name in home)) print file, "?", "?", "has no room in tests/house.sh" }
        while ((getline line < file) > 0)
            if (line ~ /^#include "[a-z]+\//) {
                split(line, q, "\""); split(q[2], part, "/"); to = part[1]
                if (to == "lethe") { name = part[2]; sub(/\.h$/, "", name); to = home[name] }
                if (to != from && (to in rank)) print file, from, to, "includes " q[2]
            }
        close(file)
    }
    END { for (i = 1; i <= u; i++) if (what[i] in at) { from = room(used[i]); to = room(at[what[i]]); if (to != from) print used[i], from, to, "uses " what[i] } }
' "$work/symbols" "$work/files" >"$work/arrows"
awk -v order="$order" '
    BEGIN { n = split(order, names, " "); for (i = 1; i <= n; i++) rank[names[i]] = i }
    $2 == "?" || rank[$3] > rank[$2] { file = $1; from = $2; to = $3; sub(/^[^ ]+ [^ ]+ [^ ]+ /, ""); print file ": " $0 (from == "?" ? "" : ", and " to "/ stands above " from "/") }
' "$work/arrows" | sort -u >"$work/upward"
complain "arrows that point upwards:" "$work/upward"

ls include/lethe | grep -v '^lethe.h$' | while read -r h; do
    grep -q "^#include \"lethe/$h\"" include/lethe/lethe.h || echo "$h"
done >"$work/left_out"
complain "public headers that lethe/lethe.h leaves out:" "$work/left_out"

# ---- circles of files within a folder ------------------------------------------------------------
awk '
    { if ($2 == "D") at[$3] = $1; else { used[++u] = $1; what[u] = $3 } }
    function folder(path) { sub(/\/[^\/]*$/, "", path); return path }
    END {
        for (i = 1; i <= u; i++) {
            a = used[i]; b = at[what[i]]
            if (b == "" || b == a || folder(a) != folder(b) || ((a, b) in edge)) continue
            edge[a, b] = what[i]; next_of[a] = next_of[a] " " b; node[a] = node[b] = 1
        }
        for (s in node) { # what s reaches; s itself: a circle
            split("", seen); split("", back); head = 1; tail = 1; queue[1] = s; found = 0
            while (head <= tail && !found) {
                x = queue[head++]; k = split(next_of[x], to, " ")
                for (j = 1; j <= k; j++) {
                    if (to[j] == s) { found = 1; last = x; break }
                    if (!(to[j] in seen)) { seen[to[j]] = 1; back[to[j]] = x; queue[++tail] = to[j] }
                }
            }
            if (!found) continue
            path = s; x = last
            while (x != s) { path = x " -> " path; x = back[x] }
            print s " -> " path
        }
    }' "$work/symbols" | sort >"$work/circles"
complain "files that call each other in a circle:" "$work/circles"

# ---- names with two meanings, lengths ------------------------------------------------------------
while read -r f; do
    sed -n 's/^\(struct\|enum\|union\) \(lethe_[a-z0-9_]*\) {.*/\2/p' "$f" | sed "s|\$| $f|"
done <"$work/files" | sort | awk '$1 == last { print $1 ": " file " and " $2 } { last = $1; file = $2 }' >"$work/twice"
complain "tags with two meanings:" "$work/twice"
xargs wc -l <"$work/files" | awk -v most=$file_lines '$2 != "total" && $2 !~ /^include/ && $1 > most { print $1 " lines: " $2 }' >"$work/long"
complain "files over $file_lines lines:" "$work/long"
ctags -x --c-kinds=f --_xformat='%{line} %{end} %N %F' -L "$work/sources" |
    awk -v most=$function_lines '$2 - $1 >= most { print $2 - $1 + 1 " lines: " $3 " in " $4 }' >"$work/functions"
complain "functions over $function_lines lines:" "$work/functions"
commands=$(cat src/cmd/*.[ch] | wc -l)
[ "$commands" -le $cmd_lines ] || { echo "src/cmd has $commands lines, $cmd_lines are allowed: commands parse and render"; bad=1; }

# ---- the house -----------------------------------------------------------------------------------
echo "room         lines  files  uses"
for room in $order; do
    case $room in ui) where=ui ;; *) where=src/$room ;; esac
    grep "^$where/" "$work/files" >"$work/here"
    uses=$(awk -v r="$room" '$2 == r { print $3 }' "$work/arrows" | sort -u)
    line=
    for other in $order; do
        echo "$uses" | grep -qx "$other" && line="$line $other"
    done
    printf '%-11s %6d %6d %s\n' "$room" "$(xargs cat <"$work/here" | wc -l)" "$(wc -l <"$work/here")" "$line"
done
printf '%-11s %6d %6d\n' include "$(cat include/lethe/*.h | wc -l)" "$(ls include/lethe/*.h | wc -l)"
exit $bad
