# Bad input: one clear line that names the file, the right exit code, nothing lost.
. tests/support/golden.sh
M=sample_models/digits-mlp
IMAGES=sample_models/digits/train-images-idx3-ubyte.gz
LABELS=sample_models/digits/train-labels-idx1-ubyte.gz

# wrong STATUS FILE COMMANDS: refused in one line that names the file
wrong() {
    refused "$1" "$2" "$3"
}

# ---- models
head -c 2000 $M/model.onnx >"$dir/cut.onnx"
wrong 3 cut.onnx "load $dir/cut.onnx"
printf 'not a model at all' >"$dir/text.onnx"
wrong 3 text.onnx "load $dir/text.onnx"
: >"$dir/empty.onnx"
wrong 3 empty.onnx "load $dir/empty.onnx"
wrong 4 none.onnx "load $dir/none.onnx"
sed 's/Tanh/Tonh/g' $M/model.onnx >"$dir/op.onnx"
wrong 3 Tonh "load $dir/op.onnx"

# ---- bundles
bundle() { # SED EXPRESSION: the sample bundle, changed, with paths that still hold
    rm -rf "$dir/b" && mkdir "$dir/b"
    cp $M/model.onnx "$dir/b/"
    sed -e "s|\.\./digits|$(pwd)/sample_models/digits|" -e "$1" $M/bundle.json >"$dir/b/bundle.json"
}
bundle ""
run 0 -c "load $dir/b"
bundle 's/"weight_decay":.*/"weight_decay": -1,/'
wrong 3 weight_decay "load $dir/b"
bundle 's/"version":.*/"version": 99,/'
wrong 3 version "load $dir/b"
bundle 's/train-labels/no-labels/'
wrong 3 no-labels "load $dir/b"
bundle 's/model\.onnx/gone.onnx/; /architecture/d'
wrong 3 gone.onnx "load $dir/b"
bundle '$d'
wrong 3 bundle.json "load $dir/b"
bundle 's/"shape":.*/"shape": [63]/'
wrong 3 "63" "load $dir/b"
bundle 's/"classes":.*/"classes": 5,/'
wrong 3 "label" "load $dir/b"

# ---- data: IDX, NPY, CSV
gunzip -c $IMAGES >"$dir/images"
gunzip -c $LABELS >"$dir/labels"
head -c 5000 "$dir/images" >"$dir/cut.idx"
wrong 3 cut.idx "data $dir/cut.idx labels=$dir/labels"
{ printf '\000\000\010\003\377\377\377\377\000\000\000\010\000\000\000\010'; tail -c +17 "$dir/images"; } >"$dir/huge.idx"
wrong 3 huge.idx "data $dir/huge.idx labels=$dir/labels"
{ printf '\000\000\010\003\235\005\000\000\010\000\000\000\010\000\000\000'; tail -c +17 "$dir/images"; } >"$dir/little.idx"
wrong 3 little.idx "data $dir/little.idx labels=$dir/labels"
head -c 40 $IMAGES >"$dir/cut.gz"
wrong 3 cut.gz "data $dir/cut.gz labels=$dir/labels"
printf '\223NUMPY\001\000\377\377{}' >"$dir/lie.npy"
wrong 3 lie.npy "data $dir/lie.npy labels=$dir/labels"
printf '1,2,0\n3,4\n' >"$dir/ragged.csv"
wrong 3 ragged.csv "data $dir/ragged.csv"
printf '1,2,0\n3,nan,1\n' >"$dir/nan.csv"
wrong 3 nan.csv "data $dir/nan.csv"
printf '1,2,0\n3,1e999,1\n' >"$dir/inf.csv"
wrong 3 inf.csv "data $dir/inf.csv"
: >"$dir/empty.csv"
wrong 3 empty.csv "data $dir/empty.csv"
wrong 4 none.csv "data $dir/none.csv"
head -c 100 "$dir/labels" >"$dir/few.idx"
wrong 3 few.idx "data $dir/images labels=$dir/few.idx"

# ---- shapes that do not fit: both are named; what was there stays
printf '1,2,0\n3,4,1\n' >"$dir/small.csv"
wrong 3 "64" "load $M/model.onnx; data $dir/small.csv"
run 3 --keep-going --json -c "load $M; forget add 17; data $dir/small.csv; load $dir/cut.onnx; info"
said '"train":1437'
said '"forgotten":0,"forget":1'

# ---- numbers
wrong 1 "weight decay" "load $M/model.onnx; data $IMAGES labels=$LABELS normalize=0,16; forget add 3; preview"
wrong 1 "weight_decay must be a number >= 0" "set weight_decay -1"
wrong 5 "" "load $M; set weight_decay 0; forget add 17; blanket all; curvature hessian; preview"

# ---- writing: unwritable paths, a full disk; what is there stays as it is
printf 'old' >"$dir/old.onnx"
if [ -w /dev/full ]; then
    run 4 -c "load $M; export /dev/full/x.onnx"
    "$LETHE" --no-rc -c "help" >/dev/full 2>"$dir/err"
    [ $? -eq 4 ] || fail "a full standard output is no error"
fi
(
    ulimit -f 8 # 512-byte blocks: less than the model takes
    trap '' XFSZ
    "$LETHE" --no-rc -c "load $M; export $dir/old.onnx" >"$dir/out" 2>"$dir/err"
    [ $? -eq 4 ]
) || fail "a full disk is no error"
[ "$(cat "$dir/old.onnx")" = old ] || fail "a failed export has changed the file"
[ -z "$(find "$dir" -name 'old.onnx?*')" ] || fail "a failed export leaves its temporary file"
run 4 --session /proc/lethe -c "load $M"
run 4 -c "load $M; save /proc/lethe"

# ---- sessions: a newer version, another model, two processes
S="$dir/kept"
run 0 --session "$S" -c "load $M; forget add 3"
cp -r "$S" "$dir/newer"
sed -i 's/"version":[^,]*/"version": 99/' "$dir/newer/head.json"
run 3 --session "$dir/newer" -c "load $M"
run 3 --session "$S" -c "load sample_models/digits-logreg"
mkfifo "$dir/hold"
"$LETHE" --no-rc --session "$S" - <"$dir/hold" >"$dir/held" 2>&1 &
holder=$!
exec 9>"$dir/hold"
echo "load $M; save" >&9
left=200
until grep -q "^states" "$dir/held" || [ $left -eq 0 ]; do
    left=$((left - 1))
    sleep 0.1
done
run 4 --session "$S" -c "load $M"
grep -q "$holder" "$dir/err" || fail "two processes on one session: the holder is not named"
exec 9>&-
wait $holder
run 0 --json --session "$S" -c "load $M; forget list"
said '"forget":"3"'
