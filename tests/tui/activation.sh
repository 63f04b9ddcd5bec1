# Where the network looks for the sample under the cursor: A in the ledger draws it in the plot pane,
# in half blocks where the terminal has the colours.
. tests/support/tui.sh
tui_start 120 40 screen-256color --no-rc sample_models/faces-cnn
tui_see "conv1"
tui_keys ":set retrain off" Enter ":forget add 18" Enter
tui_see "1 to forget"
tui_keys ":focus samples" Enter
tui_see "▸Samples"
tui_keys A
tui_see "activation  1/1"
tui_see "activation 18: done"
