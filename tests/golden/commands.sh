# The frame of the commands: unknown words, wrong values, quoting, JSON, exit codes, help.
. tests/support/golden.sh

refused 1 "unknown command 'prevew': did you mean 'preview'?" "prevew"
refused 1 "unknown command 'xyzzy': 'help' lists all" "xyzzy"
refused 1 "unknown setting 'dampnig': did you mean 'damping'?" "set dampnig 3"
refused 1 "damping must be a number from 0 to 1e+12, or auto, not '-1'" "set damping -1"
refused 1 "damping must be a number from 0 to 1e+12, or auto, not '-1'" "damping -1"
refused 1 "'perturb' has no 'sigme=': did you mean 'sigma='?" "perturb sigme=1"
refused 1 "sigma must be a number above 0, up to 1000, not '0'" "perturb sigma=0"
refused 1 "seed must be a whole number from 0" "set seed x"
refused 1 "did you mean 'hessian'?" "curvature hesian"
refused 1 "a quote is not closed" "commit 'open"
refused 1 "'preview' needs a model: 'load PATH' first" "preview"
refused 1 "'forget' needs training data: 'data PATH' first" "forget add 3"
refused 1 "there is no job 7" "cancel 7"
refused 1 "is given twice" "perturb sigma=1 sigma=2"
refused 1 "there is no history yet" "undo"

# the first failure ends a script unless it is told to go on; the code is the first one's
run 1 -c "nonsense; set seed 3; show seed"
[ -s "$dir/out" ] && fail "went on after a failure"
run 1 --keep-going -c "nonsense; set seed 3"
said "seed  3"
run 4 -f "$dir/missing.lethe"
run 4 -c "load $dir/missing"
run 2 --nonsense
run 2 --threads none
run 2 one two
run 0 --version
said "lethe"
run 0 --help
said "usage: lethe"

# a script is read to its end or to quit
printf 'set seed 5 # a comment\n\n# another\nset damping 1e-3; show damping\nquit\nset seed 6\n' >"$dir/s"
run 0 -f "$dir/s"
same <<'EOF'
seed  5
damping  1e-3
setting  value  meaning
damping  0.001  mu, added to the curvature, or auto (auto)
EOF
"$LETHE" --no-rc - <"$dir/s" >"$dir/out" 2>"$dir/err" || fail "standard input"
said "seed  5"
printf 'set\0seed' >"$dir/binary"
run 3 -c "source $dir/binary"
printf 'source %s\n' "$dir/loop" >"$dir/loop"
run 1 -f "$dir/loop"
grep -qF "does it source itself?" "$dir/err" || fail "endless source"

# JSON: one object a line, errors too; the same words as on screen
run 1 --json -c "set seed 7; set seed -7"
same <<'EOF'
{"v":1,"command":"set","ok":true,"result":{"seed":"7"}}
{"v":1,"command":"set","ok":false,"error":{"code":"argument","message":"seed must be a whole number from 0 to 9007199254740992, not '-7'","where":""}}
EOF

# help and manual know every command
run 0 -c "help"
commands=$(sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p' "$dir/out")
[ "$(echo "$commands" | wc -l)" -ge 30 ] || fail "help lists too little"
for c in $commands; do
    run 0 -c "help $c"
    said "$c"
done
run 0 --man
said ".TH LETHE 1"
