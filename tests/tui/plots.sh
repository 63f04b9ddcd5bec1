# Every kind of plot comes to its pane by key or by command, stays there, and why is asked from the
# blanket; without gnuplot a picture says how to install it and the chart stays.
. tests/support/tui.sh
mkdir "$tui_home/empty"
tui_start 120 40 screen-256color --no-rc sample_models/digits-logreg
tui_see "not scored"
tui_keys ":set perturb.count 200" Enter ":forget add 0-9" Enter
tui_see "10 to forget"
tui_keys v
tui_see "parameters moved by"
tui_see "loss now"
tui_see "(nats, log)"
tui_keys w
tui_see "why  "
tui_see "activation"
tui_see "T = "
tui_see "▸Blanket"
tui_keys p
tui_see "▸Plot"
for kind in roc margins damping ladder scores; do
    tui_keys ":plot $kind" Enter
    case $kind in
    roc) tui_see "ROC of the attack" ;;
    margins) tui_see "margins now" ;;
    damping) tui_see "KL to retraining" ;;
    ladder) tui_see "warm retrain" ;;
    scores) tui_see "scores  " ;;
    esac
done
tui_keys g
tui_see "surface of"
tui_keys ":wait-idle" Enter
tui_see "idle"
tui_keys ":focus surface" Enter
tui_see "tenth"
tui_see "[ ] set"
tui_keys ":plot roc to=$tui_home/roc.txt" Enter
tui_see "cannot tell the picture format"
tui_keys ":focus samples" Enter E
tui_see "leverage of"
tui_keys q q
tui_see "ended with 0"
