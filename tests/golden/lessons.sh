# Every lesson from its first to its last step, by what its file says and with right answers; wrong
# answers and wrong turns; what is checked. The two lessons on digits take ten seconds of processor
# time each and are checked only, unless LETHE_LESSONS=all.
. tests/support/golden.sh

# answers RIGHT... of a lesson's file: "b,c"
answers() {
    awk '/^ask /{k=0} /^choice /{k++} /^right /{k++; printf "%s%c", n++ ? "," : "", 96 + k}' "$1"
}

run 0 -c "lesson"
[ "$(grep -c '^ *[0-9]* ' "$dir/out")" -eq 10 ] || fail "not ten lessons"
number=0
for file in sessions/lessons/*.lesson; do
    number=$((number + 1))
    run 0 -c "lesson check $file"
    said "nothing is wrong with it"
    case $number in 6 | 7) [ "${LETHE_LESSONS:-}" = all ] || continue ;; esac
    right=$(answers "$file")
    run 0 -c "lesson $number answers=$right"
    said "right answers  $(echo "$right" | tr ',' '\n' | wc -l)"
    said "wrong answers  0"
    said "alone"
    grep -q '^learnt' "$file" && grep -q '^alone lethe' "$file" || fail "$file ends without words"
done

# from the command line of the shell, where there is no terminal too
run 0 lesson
[ "$(grep -c '^ *[0-9]* ' "$dir/out")" -eq 10 ] || fail "'lethe lesson' does not list ten"
run 0 lesson 1
said "1 of 7: Two rings"
run 1 lesson 99
grep -q "there is no lesson 99" "$dir/err" || fail "'lethe lesson 99' does not say so"
run 4 lesson 1 more
grep -q "cannot open 'more'" "$dir/err" || fail "a word too many is not refused"

# wrong answers are answered, and the right one goes on
run 0 -c "lesson 1 answers=a,c,b,b,a,c"
said "right answers  2"
said "wrong answers  4"
said "It may well get it right"
refused 1 "no right answer was given" "lesson 1 answers=b"
refused 1 "answers are left over" "lesson 1 answers=b,c,a"
refused 1 "no answer 'd': they are a to c" "lesson 1 answers=d"

# step by step at a prompt: it looks at the state, whatever brought it there
run 0 -c "lesson 1; lesson next; forget add 5; forget add 57; forget remove 5; lesson answer a; lesson answer b; retrain warm; lesson hint; preview"
said "x That is another one"
said "x More than one is marked"
said "= Marked."
said "x It may well get it right"
said "5 of 7: A removal"
said "One way: preview"
said "6 of 7: Reading it"
run 0 -c "lesson 2; lesson next; preview" # damping auto is 0 here, and counts as 0
said "3 of 7: What happened"
run 0 -c "lesson 2; lesson next; damping .1; preview; commit; undo; forget clear"
said "That is committed now, and this step does not ask for it: u takes it back"
said "Nothing is marked to be forgotten any more: 'forget add"
run 0 -c "lesson 1; lesson next; lesson next"
said "not yet: forget.ids has 57: it has 0"
refused 1 "there is no question to answer now" "lesson 1; lesson answer a"
run 0 -c "lesson reset"
said "all lessons begin at their first step again"
refused 1 "no lesson is being taken" "lesson next"
refused 1 "there is no lesson 11: they are 1 to 10" "lesson 11"
refused 4 "cannot open" "lesson check nothing.lesson"

# a lesson of one's own, and its mistakes by line
cat >"$dir/own.lesson" <<'END'
lesson My own
about Something short.
setup load @/sample_models/moons
step Do
task Mark sample 3.
do forget add 3
until forget.ids has 3
learnt One. Two.
alone lethe
END
run 0 -c "lesson $dir/own.lesson answers=none"
said "My own"
sed -e 's/until .*/until colour == red/' -e 's/do .*/do forgit 3/' "$dir/own.lesson" >"$dir/bad.lesson"
run 0 -c "lesson check $dir/bad.lesson"
said "line 4: nothing on the workbench is called 'colour'"
said "did you mean 'forget'?"
words=$(printf 'word %.0s' $(seq 60))
sed -e "s/until forget.ids.*/&\\nthen $words/" -e "s/^learnt.*/learnt $words/" "$dir/own.lesson" >"$dir/bad.lesson"
run 0 -c "lesson check $dir/bad.lesson"
said "step 'the end': the last words, 'learnt' and 'alone' take 9 lines"
sed -e 's/do forget add 3/do forget add 4/' "$dir/own.lesson" >"$dir/bad.lesson"
refused 1 "step 1, 'Do': not reached: forget.ids has 3: it has 1" "lesson $dir/bad.lesson answers=none"

# the right sample and no other: what went wrong can be taken back, and the lesson goes on
run 0 -c "lesson 9; lesson next; forget add 57,58; preview; commit x; undo; forget clear; forget add 58; forget clear; forget add 57; preview; commit a; forget add 30; preview; commit b; undo; undo; redo; forget clear; forget add 81; preview; commit c"
said "x More than #57 went: u takes it back"
said "x The first request is for #57"
said "x That was another one: u takes it back, then mark #81"
said "x That took the first removal back: U brings it again"
said "4 of 8: The third"

# whatever was set before, a lesson begins alike
run 0 -c "load sample_models/moons; curvature hessian; set seed 7; lesson 9; lesson next; forget add 57; preview; commit; show curvature; show seed"
said "3 of 8: The second"
said "curvature  ggn"

# what was so when a step was reached is no wrong turn there, so that the last words before it are read
cat >"$dir/own.lesson" <<'END'
lesson My own
about Something short.
setup load @/sample_models/moons
step Much
task Damp.
do damping 1
until damping == 1
then Damped it is.
step Less
task Damp less.
do damping .1
until damping < 0.5
wrong damping >= 0.7 -- Less than that.
learnt One. Two.
alone lethe
END
run 0 -c "lesson $dir/own.lesson; damping 1"
said "Damped it is"
! grep -q "Less than that" "$dir/out" || fail "a wrong turn that nobody took"
# nor is the command that was to be given, given once more
run 0 -c "lesson $dir/own.lesson; damping 1; damping 1; damping"
said "Damped it is"
! grep -q "Less than that" "$dir/out" || fail "the same command again is no wrong turn"
run 0 -c "lesson $dir/own.lesson; damping 1; damping .8; lesson hint"
said "Less than that"
said "One way: damping .1"

# from elsewhere the lessons and their models are found beside the program
lethe=$(readlink -f "$LETHE")
(cd "$dir" && "$lethe" --no-rc -c "lesson 2 answers=$(answers "$OLDPWD/sessions/lessons/02-one-step.lesson")") >"$dir/out" 2>"$dir/err" </dev/null ||
    fail "not from another folder"
said "right answers"
