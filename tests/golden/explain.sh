# Every word that answers, panes and help print can be asked: all keys that any source file puts into
# an answer, the words of the screen, commands, settings and methods; each has an entry.
. tests/support/golden.sh

# keys of answers, as the sources write them
cat src/cmd/*.c src/workbench/*.c src/study/*.c src/removal/*.c | tr '\n' ' ' |
    grep -oE 'put_[a-z_]+\([^;"]*"[a-z_0-9.]+"' | grep -oE '"[^"]+"' | tr -d '"' | sort -u >"$dir/words"
[ "$(wc -l <"$dir/words")" -gt 250 ] || fail "only $(wc -l <"$dir/words") keys found in the sources"

# ... and those that answers really have
run 0 --json -c "load sample_models/digits-mlp; set retrain off; info; layers; evaluate; forget add 17,30,31; select; scores; preview; metrics; leverage; why fc3[7]; log; jobs; show"
grep -oE '"[a-z_0-9.]+":' "$dir/out" | tr -d '":' | sort -u >"$dir/answered"
run 0 --json -c "load sample_models/rings; set retrain off; forget add 57; preview classes=on; baseline knn; compare selectors; compare singles; branch; trail; certificate"
grep -oE '"[a-z_0-9.]+":' "$dir/out" | tr -d '":' | sort -u >>"$dir/answered"
[ "$(wc -l <"$dir/answered")" -gt 100 ] || fail "only $(wc -l <"$dir/answered") keys in answers"
cat "$dir/answered" >>"$dir/words"

# words of the screen
cat >>"$dir/words" <<'WORDS'
held-out accuracy
forget accuracy
forget loss
attack AUC
KL forget
KL held-out
recovery
retain accuracy
retain loss
held-out loss
balanced attack
KL retain
gradient on rest
before
now
retrain
z
tune half
residual
influence
first look
null
stable
dof
T
gain
score
chosen by
reach
stopped
not scored
in the blanket
uncommitted
committed
kept
not kept
resumed
gone
leverage
change
label
id
margins
selecting
training
left
verdict
WORDS
for kind in scores why loss roc margins damping surface ladder history; do echo "$kind"; done >>"$dir/words"

# commands, settings, methods
awk '/\.name = "/ { name = $0 } /\.group = LETHE_GROUP/ { print name }' src/cmd/cmd_*.c |
    grep -oE '"[^"]+"' | tr -d '"' | sort -u >"$dir/commands"
[ "$(wc -l <"$dir/commands")" -gt 40 ] || fail "only $(wc -l <"$dir/commands") commands found"
cat "$dir/commands" >>"$dir/words"
"$LETHE" --json -c method | grep -oE '"method":"[^"]+"' | cut -d'"' -f4 >>"$dir/words"
for m in $("$LETHE" --json -c method | grep -oE '"method":"[^"]+"' | cut -d'"' -f4); do
    "$LETHE" --json -c "method $m" | grep -oE '"parameter":"[^"]+"' | cut -d'"' -f4 >>"$dir/words"
done
"$LETHE" --json -c show | grep -oE '"setting":"[^"]+"' | cut -d'"' -f4 >>"$dir/words"

sort -u "$dir/words" | sed 's/^/explain /' >"$dir/script"
"$LETHE" --keep-going -f "$dir/script" >"$dir/out" 2>"$dir/err"
[ ! -s "$dir/err" ] || fail "words without an entry: $(grep -o "no term '[^']*'" "$dir/err" | tr '\n' ' ')"

# the present number stands in the sentence
run 0 -c "load sample_models/digits-logreg; set retrain off; forget add 0-19; preview; explain attack AUC"
said "attack AUC is 0."
said "what retraining gives is not"
run 0 -c "explain attack AUC"
grep -q "^now" "$dir/out" && fail "a number without a preview"
refused 1 "did you mean 'recovery'?" "explain recovry"
