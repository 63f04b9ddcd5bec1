#!/bin/sh
# SPDX-License-Identifier: MIT
# What 'lethe --completion' writes completes: in bash, and where zsh is, in a zsh that believes to be
# spoken to by a person.
. tests/support/golden.sh
run 0 --completion bash
cp "$dir/out" "$dir/lethe.bash"
run 0 --completion zsh
cp "$dir/out" "$dir/_lethe"
run 2 --completion fish
grep -q "bash or zsh" "$dir/err" || fail "does not name the shells"
head -1 "$dir/_lethe" | grep -q '^#compdef lethe$' || fail "no completion of zsh"
command -v bash >/dev/null || { echo "skipped: bash is not here"; exit 0; }
cat >"$dir/try" <<'T'
. "$1"
shift
COMP_WORDS=(lethe "$@")
COMP_CWORD=$#
_lethe
printf '%s\n' "${COMPREPLY[@]}"
T
# offers 'WORDS' EXPECTED...: the candidates for the last of the words
offers() {
    want=$1
    shift
    got=$(bash "$dir/try" "$dir/lethe.bash" "$@" 2>&1 | tr '\n' ' ')
    [ "$got" = "$want" ] || fail "lethe $*: offers '$got', not '$want'"
}
offers '--seed --session ' --s
offers '"forget "form ' -c '"for'
offers '"forget add ' -c '"forget a'
offers "'load x; compare selectors " -c "'load x; compare sel"
offers '"plot loss to= ' -c '"plot loss to'
offers 'zsh ' --completion z
offers 'sessions/audit.lethe ' -f sessions/aud
offers 'tests/embed ' --session tests/em

for command in forget preview remove-each seal explain; do
    offers "\"$command " -c "\"$command"
done

zsh -f -c 'zmodload zsh/zpty' 2>/dev/null || { echo "skipped: zsh is not here"; exit 0; }
# usage: FOLDER TEXT...: types 'lethe TEXT', Tab, the quote that is open and Enter; prints what lethe
# was given.
cat >"$dir/try.zsh" <<'T'
zmodload zsh/zpty
zpty z env TERM=dumb zsh -f -i
heard() {
    local part all=
    repeat 400; do
        if zpty -r -t z part; then all+=$part; else sleep 0.02; fi
        [[ $all == *$1* ]] && break
    done
    print -r -- "$all"
}
zpty -w z "unset zle_bracketed_paste; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D; lethe() { print -rl -- \"<\${(j:|:)@}>\" END'ED' }; print REA'DY'"
heard READY >/dev/null
shift
for text; do
    quote=
    [[ $text == *\"* ]] && quote=\"
    [[ $text == *\'* ]] && quote=\'
    zpty -w -n z "lethe $text"$'\t'"$quote"$'\n'
    heard ENDED | sed -n 's/.*<\(.*\)>.*/\1/p'
done
T
zsh -f "$dir/try.zsh" "$dir" '--ses' '-c "forge' "-c 'forget a" "-c 'load x; compare sel" '-c "plot loss to' \
    '--completion z' '-f sessions/aud' >"$dir/out" 2>"$dir/err"
same <<'A'
--session
-c|forget
-c|forget add
-c|load x; compare selectors
-c|plot loss to=
--completion|zsh
-f|sessions/audit.lethe
A
