# A command that begins a new history says which commits end with it: a script gets a note, a person
# is asked once. Weights alone go out and in.
. tests/support/golden.sh
begin="load sample_models/digits-logreg; set retrain off; export $dir/w.safetensors; forget add 3; blanket all; commit x"
"$LETHE" --no-rc --session "$dir/s" -c "load sample_models/digits-logreg" >/dev/null || fail "no session"
for c in "load sample_models/digits-mlp" "open $dir/s" "generate mislabelled n=5" "train tolerance=1e-2" \
    "weights $dir/w.safetensors" "data sample_models/digits/train-images-idx3-ubyte.gz labels=sample_models/digits/train-labels-idx1-ubyte.gz"; do
    run 0 --json -c "$begin; $c"
    tail -n 1 "$dir/out" | grep -qF '"notes":["1 commit ends here, where a new history begins' || fail "silent: $c"
    run 0 --json -c "$begin; save $dir/kept; $c"
    grep -q "ends here" "$dir/out" && fail "kept, and lost all the same: $c"
    printf '%s\n%s\ninfo\n%s\nquit\n' "$begin" "$c" "$c" | "$LETHE" --no-rc -i >"$dir/out" 2>"$dir/err"
    grep -qF "1 commit ends here, because the session is not kept" "$dir/err" || fail "did not ask: $c"
    grep -qF "'${c%% *}' once more goes on without it" "$dir/err" || fail "does not say what to do: $c"
    grep -q "^commits  *1$" "$dir/out" || fail "went on without an answer: $c"
done
# what goes on with the history asks nothing
run 0 --json -c "$begin; train continue tolerance=1e-2; info"
grep -q "ends here" "$dir/out" && fail "train continue begins nothing anew"

# weights: to the bit in double, by name
run 0 --json -c "load sample_models/digits-logreg; info; weights $dir/w.safetensors; export $dir/again.safetensors; export $dir/single.safetensors precision=float32"
cmp -s "$dir/w.safetensors" "$dir/again.safetensors" || fail "the weights are others"
said '"precision":"float32"'
refused 1 "not in float16: export an ONNX file" "load sample_models/digits-logreg; export $dir/h.safetensors precision=float16"
refused 3 "" "load $dir/w.safetensors"
