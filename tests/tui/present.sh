# Presenting from the start, at 80x24 without colours and in ASCII, with panes, a caption and a figure
# in large digits; F goes back.
. tests/support/tui.sh
TUI_LOCALE=C
tui_start 80 24 vt100 --no-rc --present sample_models/rings
tui_see "->Blanket"
tui_gone "Layers"
tui_keys ":set retrain off" Enter
tui_keys ":present preview" Enter
tui_see "->Preview"
tui_keys ":caption One step beside retraining" Enter
tui_see "               One step beside retraining"
tui_keys ":forget add 57; blanket all; preview" Enter
tui_see "forget loss"
tui_keys Down Down o
tui_see "now                      retrained"
tui_see "#"
tui_keys F
tui_see "Layers"
tui_gone "One step beside"
tui_see ">forget loss"
tui_keys F
tui_see "One step beside retraining"
tui_keys Escape
tui_see "Layers"
