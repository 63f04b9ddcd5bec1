# Only cells that changed are written: a step of a slider costs some hundred bytes, a screen at rest
# none, and nothing is ever cleared.
. tests/support/tui.sh
tui_start 120 40 screen-256color --no-rc sample_models/digits-mlp
tui_see "not scored"
tui_keys ":set retrain off" Enter ":forget add 17" Enter
tui_see "1 to forget"
tui_keys v
tui_see "parameters moved by"
tui_keys ":wait-idle" Enter
tui_see "stable"
tui_see "idle"
tmux -L "$tui_socket" pipe-pane -O "cat >>'$tui_home/bytes'"
size() { wc -c <"$tui_home/bytes"; }
touch "$tui_home/bytes"
sleep 1
[ "$(size)" -eq 0 ] || { echo "$(size) bytes written by a screen at rest"; exit 1; }
tui_keys Right
tui_see "3 of 58 units"
tui_keys ":wait-idle" Enter
tui_see "idle"
tui_keys Tab
tui_see "▸Preview"
size=$(size)
[ "$size" -gt 200 ] && [ "$size" -lt 6000 ] || { echo "$size bytes for a few keys"; exit 1; }
if grep -q "$(printf '\033\\[2\\{0,1\\}J')" "$tui_home/bytes"; then
    echo "the screen was cleared"
    exit 1
fi
