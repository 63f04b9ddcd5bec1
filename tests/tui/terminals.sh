# Terminals it can use, and one clear line with a remedy for those it cannot.
. tests/support/tui.sh
# On a Linux console ncurses loads libgpm, which leaks; the sanitizers would report it as ours.
for term in xterm xterm-256color vt100 ${LETHE_TEST_SHARE:-linux}; do
    [ "$term" = "${LETHE_TEST_SHARE:-}" ] && continue
    tui_start 80 24 $term
    tui_see "Blanket"
    tui_keys q
    tui_see "ended with 0"
done
tui_start 80 24 dumb
tui_see "this terminal cannot move its cursor"
tui_see "lethe>"
tui_start 80 24 no-such-terminal
tui_see "does not know the terminal"
if "$LETHE" --tui </dev/null >"$tui_home/out" 2>&1; then
    echo "started without a terminal"
    exit 1
fi
grep -q "needs a terminal" "$tui_home/out" || { cat "$tui_home/out"; exit 1; }
