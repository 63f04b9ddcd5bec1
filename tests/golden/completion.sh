#!/bin/sh
# SPDX-License-Identifier: MIT
# What 'lethe --completion' writes completes in bash; for zsh its syntax is looked at where zsh is.
. tests/support/golden.sh
run 0 --completion bash
cp "$dir/out" "$dir/lethe.bash"
run 0 --completion zsh
cp "$dir/out" "$dir/_lethe"
run 2 --completion fish
grep -q "bash or zsh" "$dir/err" || fail "does not name the shells"
head -1 "$dir/_lethe" | grep -q '^#compdef lethe$' || fail "no completion of zsh"
if command -v zsh >/dev/null; then
    zsh -n "$dir/_lethe" 2>"$dir/err" || fail "zsh cannot read its completion"
fi
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
