# A lesson at 80x24 without colours and in ASCII: a strip above the line says one thing at a time,
# points at the pane it means, answers a wrong turn and waits until the thing is done.
. tests/support/tui.sh
TUI_LOCALE=C
tui_start 80 24 vt100 --no-rc lesson 1
tui_see "Forgetting and its yardstick  1 of 7"
tui_see "n goes on"
tui_see "Plane < here"
tui_keys n
tui_see "2 of 7"
tui_see "> Mark sample 57"
tui_see ": command<"
tui_gone "Tab to Samples, Space marks" # one voice at a time
tui_keys i
tui_see "way: forget add 57"
tui_keys ":forget add 5" Enter
tui_see "That is another one"
tui_keys i # a hint is heard while something is wrong, too
tui_see "way: forget add 57"
tui_keys ":forget clear" Enter
tui_keys ":forget add 5" Enter
tui_see "That is another one"
tui_keys ":forget clear" Enter
tui_gone "That is another one"
tui_keys ":forget add 57" Enter
tui_see "3 of 7"
tui_see "b One trained without it"
tui_keys c
tui_see "everybody would see"
tui_keys b
tui_see "4 of 7"
tui_keys r
tui_see "5 of 7"
tui_keys v
tui_see "6 of 7"
tui_keys n
tui_see "7 of 7"
tui_keys c
tui_see "the end"
tui_see "To forget a sample is"
tui_keys ":lesson stop" Enter
tui_gone "the end"
tui_keys ":lesson" Enter
tui_see "done"

# taken up again, it says what it does on the way and how far that is, and Ctrl-C ends it
cat >"$tui_home/own.lesson" <<'L'
lesson A long way
about Something to wait for.
minutes 1
setup set retrain off

step Train
task Train for long.
do train model=mlp:32-32 data=rings optimizer=sgd epochs=100000
until model.parameters > 0

step After
read There it is.
learnt That it takes its time.
alone lethe
L
"$LETHE" --no-rc -c "lesson check $tui_home/own.lesson" >"$tui_home/out" 2>&1 || { cat "$tui_home/out"; exit 1; }
echo "{\"$tui_home/own.lesson\":{\"step\":2,\"done\":false}}" >"$tui_home/lethe/lessons.json"
tui_start 80 24 screen
tui_see "lethe"
tui_keys :
tui_keys -l "lesson $tui_home/own.lesson"
tui_keys Enter
tui_see "back to step 2, now at 1: train"
tui_see "s left"
tui_keys C-c
tui_see "were cancelled: 'lesson N' begins it again"
