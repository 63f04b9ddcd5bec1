#!/bin/sh
# SPDX-License-Identifier: MIT
# The rules of the house that a machine can check, and the house as a table.
# - an arrow (an include, a symbol) points only to a room that stands before its own in the list
# - no two files of a room call each other in a circle
# - no struct tag and no function is defined twice; no file over 500 lines, no function over 80; src/cmd <= 7,500 lines
# - a command is a file: src/cmd/cmd_NAME.c has the row of NAME and no other, and rows stand nowhere else
# - public functions have comments that say whose memory they hand out, and name only what is public
# usage: [BUILD=build] tests/house.sh; needs the objects of a build. Silent rules, then the table.
set -u
BUILD=${BUILD:-build}
order="base codec tensor nn data onnx eval unlearn session job plot text removal study workbench cmd ui"
# The room of each public header.
public="alloc:base array:data audit:eval blanket:unlearn bundle:data cancel:base certificate:eval codec:codec
curvature:unlearn dataset:data ekfac:unlearn equivalence:eval error:base eval:eval figures:unlearn generate:data job:job
knn:unlearn leverage:unlearn linearised:unlearn load:data methods:unlearn near:data nn:nn onnx:onnx pcg:unlearn perturb:unlearn plot:plot problem:unlearn
product:unlearn projection:unlearn report:session retrain:unlearn rng:base select:unlearn session:session shared:base train:unlearn
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
find src ui include -name '*.[ch]' | sort >"$work/files"
grep -E '\.c$' "$work/files" >"$work/sources"

# ---- what each file defines and uses -------------------------------------------------------------
# lines: file D symbol | file U symbol. Kernels are compiled several times; one of them speaks for all.
while read -r f; do
    stem=$BUILD/${f%.c}
    for object in "$stem.o" "$stem.f64.o" "$stem.base.o"; do
        [ -f "$object" ] && echo "$object"
    done
done <"$work/sources" >"$work/objects"
xargs nm -A <"$work/objects" | sed "s,^$BUILD/,,; s,\.o:,.c ,; s,\.f64\.c,.c,; s,\.base\.c,.c," |
    awk 'NF == 4 && $3 ~ /[TDBRV]/ { print $1, "D", $4 } NF == 3 && $2 == "U" { print $1, "U", $3 }' >"$work/symbols"
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
        if (file ~ /^include\//) { name = file; sub(/.*\//, "", name); sub(/\.h$/, "", name)
            if (!(name in home)) print file, "?", "?", "has no room in tests/house.sh"
            from = home[name] }
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

ls include/lethe | grep -v '^lethe.h$' | sort >"$work/headers"
sed -n 's|^#include "lethe/\(.*\)".*|\1|p' include/lethe/lethe.h | sort | comm -23 "$work/headers" - >"$work/left_out"
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
        do { # files that call none of those left are in no circle
            gone = 0
            for (s in node) {
                k = split(next_of[s], to, " "); live = 0
                for (j = 1; j <= k && !live; j++) live = to[j] in node
                if (!live) { delete node[s]; gone++ }
            }
        } while (gone)
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
xargs awk '/^(struct|enum|union) lethe_[a-z0-9_]* \{/ { print $2, FILENAME }' <"$work/files" | sort |
    awk '$1 == last { print $1 ": " file " and " $2 } { last = $1; file = $2 }' >"$work/twice"
complain "tags with two meanings:" "$work/twice"
awk '$2 == "D" { print $3, $1 }' "$work/symbols" | sort |
    awk '$1 == last && $2 != file { print $1 ": " file " and " $2 } { last = $1; file = $2 }' >"$work/defined"
complain "names that two files define:" "$work/defined"
xargs wc -l <"$work/files" | awk -v most=$file_lines '$2 != "total" && $2 !~ /^include/ && $1 > most { print $1 " lines: " $2 }' >"$work/long"
complain "files over $file_lines lines:" "$work/long"
# clang-format puts the braces of a function, and nothing else with them, into the first column
xargs awk -v most=$function_lines '
    FNR == 1 { head = 0 }
    /^[a-z_]/ && !head { head = FNR }
    /^$/ || /[;,]$|\*\/$/ && !/^[a-z_].*\(/ && /^[^ ]/ { head = 0 }
    /^\{$/ { open = head ? head : FNR }
    /^\}$/ && open { if (FNR - open >= most) print FNR - open + 1 " lines: line " open " of " FILENAME; open = head = 0 }
' <"$work/sources" >"$work/functions"
complain "functions over $function_lines lines:" "$work/functions"
commands=$(cat src/cmd/*.[ch] | wc -l)
[ "$commands" -le $cmd_lines ] || { echo "src/cmd has $commands lines, $cmd_lines are allowed: commands parse and render"; bad=1; }

# ---- a command is a file -------------------------------------------------------------------------
xargs awk '
    function tell(name) {
        if (file ~ /^src\/cmd\/cmd_/) { name = file; sub(/.*\/cmd_/, "", name); sub(/\.c$/, "", name) }
        if (rows != name) print file ": has the row of " (rows == "" ? "no command" : rows) "; by its name that of " (name == "" ? "no command" : name)
        else if (said != name) print file ": its command is called " said
    }
    FNR == 1 { if (file != "") tell(); file = FILENAME; rows = said = ""; row = 0 }
    /^const struct lethe_command lethe_command_[a-z0-9_]* = / { sub("lethe_command_", "", $4); rows = rows (rows == "" ? "" : ", ") $4; row = 1 }
    row && $1 == ".name" { said = $3; gsub(/[",]/, "", said); gsub(/-/, "_", said) }
    /^\};/ { row = 0 }
    END { if (file != "") tell() }
' <"$work/sources" >"$work/rows"
complain "a command is a file, src/cmd/cmd_NAME.c with its row and no other:" "$work/rows"

# ---- what strangers read -------------------------------------------------------------------------
# Every function of a public header has a comment, on its line or above the group it stands in; one
# that hands out memory, or a pointer to somebody's, says whose it is.
xargs awk '
    FNR == 1 { comment = stmt = ""; inside = depth = 0 }
    inside { comment = comment " " $0; if (/\*\//) inside = 0; next }
    /^\/\*/ { comment = /----/ ? "" : $0; if (!/\*\//) inside = 1; next }
    /^[ \t]*$/ { if (!depth) comment = ""; next }
    /^#/ { next }
    !depth && /^(struct|enum|union|typedef|extern)/ && /\{[^}]*$/ { depth = 1; comment = ""; next }
    depth { if (/^\}/) { depth = 0; comment = "" } next }
    { stmt = stmt $0 }
    /;/ {
        if (match(stmt, /lethe_[a-z0-9_]*\(/)) {
            name = substr(stmt, RSTART, RLENGTH - 1)
            words = comment (match(stmt, /\/\*.*\*\//) ? substr(stmt, RSTART, RLENGTH) : "")
            hands_out = stmt ~ /^(const )?[a-z_ ]*\*+lethe_/ || stmt ~ /\*\*[a-z_]+[,)]/
            if (words == "") print FILENAME ": " name " has no comment"
            else if (hands_out && words !~ /free|unref|release|close\)|[Bb]orrow|[Oo]wned|caller|[Ss]tatic|new memory|reference/)
                print FILENAME ": whose is what " name " hands out?"
        }
        stmt = ""
    }' >"$work/uncommented" <<H
$(grep '^include/' "$work/files")
H
complain "public functions that do not tell a stranger enough:" "$work/uncommented"
sed 's,/\*.*\*/,,' include/lethe/*.h | awk '/\/\*/ { c = 1 } !c { print } /\*\// { c = 0 }' | grep -oE '\blethe_[a-z0-9_]+' | sort -u >"$work/declared"
grep -ohE '\blethe_[a-z0-9_]+' include/lethe/*.h | sort -u | comm -23 - "$work/declared" >"$work/unseen"
complain "names in comments of public headers that no public header declares:" "$work/unseen"

# ---- the house -----------------------------------------------------------------------------------
echo "room         lines  files  uses"
xargs wc -l <"$work/files" | awk -v order="$order" '
    FILENAME ~ /arrows$/ { used[$2, $3] = 1; next }
    $2 != "total" { split($2, part, "/"); room = part[1] == "src" ? part[2] : part[1]; lines[room] += $1; files[room]++ }
    END {
        n = split(order, names, " ")
        for (i = 1; i <= n; i++) {
            line = sprintf("%-11s %6d %6d ", names[i], lines[names[i]], files[names[i]])
            for (j = 1; j <= n; j++) if ((names[i], names[j]) in used) line = line " " names[j]
            print line
        }
        printf "%-11s %6d %6d\n", "include", lines["include"], files["include"]
    }' "$work/arrows" -
exit $bad
