# Data as people have them (../shared/field): what is read, what is said, what is asked; names of
# classes and groups; bundles' keys.
. tests/support/golden.sh
printf 'job,city,age,label\ncook,Rome,30,>50K\nmaid,Oslo,41,<=50K\ncook,Oslo,28,>50K\n"Sales, home",Rome,33,<=50K\n' >"$dir/people.csv"
B="data $dir/people.csv group_column=city"

# classes and groups by name, several at once, with what was probably meant
run 0 --json -c "$B; forget add class:>50K"
said '"forget":"0,2"'
run 0 --json -c "$B; forget add group:Rome"
said '"forget":"0,3"'
run 0 --json -c "data $dir/people.csv group_column=job; forget add group:maid,cook; forget remove 0; forget list"
said '"id":1,"label":0,"class":"<=50K","group":2,"group_name":"maid"'
run 0 --json -c "data $dir/people.csv group_column=job; forget add 'group:Sales, home'"
said '"forget":"3"'
refused 1 "did you mean '>50K'?" "$B; forget add class:50K"
refused 1 "did you mean 'Rome'?" "$B; forget add group:Rom"
run 0 --json -c "load sample_models/digits-mlp; forget add random:30; forget list rows=7"
[ "$(number count)" = 30 ] || fail "30 drawn"
said "0 to 6 of 30: 'forget list from=7' shows more"
refused 1 "there are 1437 samples to draw from" "load sample_models/digits-mlp; forget add random:2000"

# a column by number in JSON; keys that are misspelt, in their objects too
cat >"$dir/bundle.json" <<EOF
{"format": "lethe bundle", "architecture": "logreg", "weight_decay": 0.01,
 "train": {"samples": "people.csv", "label_column": 1, "label_colum": 3, "drop_columns": ["job", 3]},
 "recipe": {"optimiser": "lbfgs"}}
EOF
run 0 --json -c "load $dir/bundle.json; info"
said "the key 'label_colum' in train is not known and was left alone: did you mean 'label_column'?"
said "the key 'optimiser' in recipe"
run 0 --json -c "load $dir/bundle.json; forget add class:Oslo"
said '"forget":"1,2"'

# a model with more outputs than there are classes: said, with what to write, and that is enough
printf 'a,b,label\n1,2,0\n2,1,1\n3,5,0\n4,3,1\n1,4,2\n2,2,2\n' >"$dir/three.csv"
sed 's/,2$/,0/' "$dir/three.csv" >"$dir/two.csv"
run 0 -c "data $dir/three.csv; train model=mlp:3 weight_decay=0.02; export $dir/three.onnx"
run 0 --json -c "load $dir/three.onnx; data $dir/two.csv; head 2; train head; show weight_decay; set retrain off; forget add 1; preview"
said "nobody is of class 2; 'head 2' and 'train head' put a layer"
said '"value":0.001'
run 0 --json -c "load $dir/three.onnx; data $dir/three.csv; train continue weight_decay=0.05; show weight_decay"
said '"value":0.05'

# columns of very different scales, from which a network learns slowly
printf 'age,income,label\n23,1000000,0\n44,2500000,1\n31,90000,0\n50,4000000,1\n' >"$dir/scales.csv"
run 0 --json -c "data $dir/scales.csv"
said "column 'income' varies"
said "times as much as column 'age', which makes training slow: normalize=standardize puts"
run 0 --json -c "data $dir/scales.csv normalize=standardize"
grep -q "times as much" "$dir/out" && fail "says that standardised columns are of different scales"
# held-out samples that were trained on
run 0 --json -c "data $dir/people.csv heldout=1:3"
said "2 of 2 held-out samples are training samples, too"

# channels last for a network that takes them first, and labels below 0
if [ -f ../shared/field/gn21.onnx ]; then
    head -c 600 /dev/zero | tr '\0' '\1' >"$dir/body"
    npy() { # SHAPE DESCR FILE BODY: an NPY file
        h="{'descr': '$2', 'fortran_order': False, 'shape': ($1), }                                "
        # shellcheck disable=SC2059
        { printf "$(printf '\\223NUMPY\\001\\000\\%03o\\000' "${#h}")" && printf '%s' "$h"; } >"$3"
        cat "$4" >>"$3"
    }
    head -c 512 "$dir/body" >"$dir/b512"
    npy "8, 8, 8, 1" "|u1" "$dir/last.npy" "$dir/b512"
    printf '\000\001\002\003\004\005\006\007' >"$dir/y8"
    npy "8," "|u1" "$dir/y.npy" "$dir/y8"
    refused 3 "say channels=last" "load ../shared/field/gn21.onnx; data $dir/last.npy labels=$dir/y.npy"
    run 0 -c "load ../shared/field/gn21.onnx; data $dir/last.npy labels=$dir/y.npy channels=last"
    printf '\377\001\377\001\377\001\377\001' >"$dir/y8"
    npy "8," "|i1" "$dir/y.npy" "$dir/y8"
    refused 3 "np.unique(y, return_inverse=True)" "data $dir/last.npy labels=$dir/y.npy"
fi

# tables as spreadsheets and statistics programs write them
table() { printf "$1" >"$dir/t.csv"; }
reads() { # TABLE ARGUMENTS TRAIN SAMPLE
    table "$1"
    run 0 --json -c "data $dir/t.csv $2; info"
    said "\"train\":$3"
    said "\"sample\":\"$4\""
}
reads 'a|b|label\n1,5|2|x\n3,25|4|y\n' "" 2 2
said "2 numbers have a decimal comma"
reads 'sep=;\na;b;label\n1;2;x\n3;4;y\n' "" 2 2
reads '|1x3 Cross validator\na, 1, x\nb, 4, y.\n' "" 2 3
reads '# made by hand\n#a,b,label\n1,2,x\n3,4,y\n' "" 2 2
reads 'a,b,label,\n1,2,x,\n3,4,y,\n' "" 2 2
reads 'a,b,label\n"0,5",2,x\n"1,25",4,y\n' "" 2 2
reads 'a,b,label\n1,2,x\n.,4,y\n3,4,\n<NA>,1,y\n5,6,y\n' missing=drop 2 2
said "3 rows with missing values were left out"
reads 'c,b,label\nu,1,x\n?,2,y\nv,3,x\n' "" 3 4
said "1 missing value in 1 column of words"
reads 'when,b,label\n2020-01-02,1,x\n2020-03-04,2,y\n' "" 2 3
said "seems to hold dates or times"
reads 'p,b,label\n12%%,1,x\n9%%,2,y\n' "" 2 3
said "percent or currency"
table 'a,b,label\n"1,234",2,x\n5,4,y\n'
refused 3 "its comma may stand for a point or between thousands" "data $dir/t.csv"
table 'a,b,label\n1,2,\n5,4,y\n'
refused 3 "line 2 has no label; missing=drop leaves such rows out" "data $dir/t.csv"
refused 1 "it has 3 columns: a, b, label" "data $dir/t.csv label_column=lable"
i=0
printf 'name,b,label\n' >"$dir/t.csv"
while [ $i -lt 12 ]; do
    i=$((i + 1))
    echo "person $i,3,x" >>"$dir/t.csv"
done
run 0 --json -c "data $dir/t.csv"
said "column 'name' is different in every row, like an id"

awk 'BEGIN { print "customer,day,price,label"
    for (i = 0; i < 60; i++) printf "%d,%d.%d.1987,$%d.50,%s\n", 100000 + i * 37 % 61, 1 + i % 28, 1 + i % 9, i % 7, i % 2 ? "x" : "y" }' >"$dir/t.csv"
run 0 --json -c "data $dir/t.csv"
said "column 'customer' is different in every row, like an id, and" && said "'day' ('1.1.1987') seems to hold dates"
said "'price' ('\$0.50') seems to hold numbers with a sign of percent or currency"

# what is to be said of many columns is said of a handful; the first lines may be long ones
awk 'BEGIN { for (c = 0; c < 9; c++) printf "c%d,", c; print "label"
    for (r = 0; r < 12; r++) { for (c = 0; c < 9; c++) printf "w%d,", r; print r % 2 ? "x" : "y" } }' >"$dir/t.csv"
run 0 --json -c "data $dir/t.csv; info"
said "column 'c4' is different in every row" && said "and 4 more like it: column 'c0' is different"
grep -q "'c5' is different" "$dir/out" && fail "says the same of every column"
awk 'BEGIN { for (c = 0; c < 45000; c++) printf "c%d,", c; print "label"
    for (r = 0; r < 3; r++) { for (c = 0; c < 45000; c++) printf "%s,", c ? r : "word"; print r % 2 ? "x" : "y" } }' >"$dir/t.csv"
run 0 --json -c "data $dir/t.csv"
said '"train":3'
# columns of words that would fill the memory
awk 'BEGIN { for (c = 0; c < 140; c++) printf "c%d,", c; print "label"
    for (r = 0; r < 1000; r++) { for (c = 0; c < 140; c++) printf "w%d,", r; print r % 2 ? "x" : "y" } }' >"$dir/t.csv"
refused 3 "its words make 140000 inputs of 140 columns" "data $dir/t.csv words=1000"

# files of other programs are named
printf 'PK\003\004archive/data.pkl' >"$dir/model.pt"
refused 3 "model.pt is neither a bundle (JSON) nor named as an ONNX model" "load $dir/model.pt"
other() { # BYTES WORDS
    printf "$1" >"$dir/other"
    refused 3 "$2" "data $dir/other"
}
other 'BZh91AY' "compressed by bzip2"
other '\375\067\172\130\132\000' "compressed by xz"
other '(dp0\nVx\np1\n' "n.save('x.npy', d)"
other '(dp0\nVbatch_label\np1\n' "CIFAR's"
other '{"a": 1, "label": 0}\n' "JSON records"
other '+1 3:0.5 7:2\n-1 1:1\n' "LIBSVM"
other 'version https://git-lfs.github.com/spec/v1\n' "Git LFS"
other '<!DOCTYPE html>\n' "a page of the web"

# folders: what has no pictures is no class, what is no folder of classes is asked about
mkdir -p "$dir/pics/cat" "$dir/pics/dog" "$dir/pics/__MACOSX" "$dir/mnist"
printf 'P5 2 2 255\nabcd' | tee "$dir/pics/cat/1.pgm" >"$dir/pics/dog/1.pgm"
run 0 --json -c "data $dir/pics; info"
said '"classes":2'
said "the folder '__MACOSX' has no pictures in it and is no class"
mkdir "$dir/halves" # of training and held-out pictures, however they are written
cp -r "$dir/pics" "$dir/halves/Train" && cp -r "$dir/pics" "$dir/halves/VALID"
run 0 --json -c "data $dir/halves"
said '"train":2,' && said '"heldout":2'
printf 'GIF89a  ' >"$dir/pics/dog/2.gif"
refused 3 "is a GIF" "data $dir/pics"
: >"$dir/mnist/train-images-idx3-ubyte"
refused 3 "name the one of the samples ('train-images-idx3-ubyte'?)" "data $dir/mnist"

# one meaning of widths
refused 1 "write mlp:64-10" "load sample_models/digits-mlp; train model=mlp:16-10"
run 0 --json -c "load sample_models/digits-mlp; train model=mlp:4 epochs=1"
said '"network":"64-4-10"'

printf 'ab\000cd' >"$dir/damaged.npy"
refused 3 "begins as none of the other files that are read" "data $dir/damaged.npy"

# Classes by their names wherever one is shown, also names of several words.
cat >"$dir/named.csv" <<'T'
a,b,label
0,1,red car
1,0,"cat, dog"
.1,.9,red car
.9,.2,"cat, dog"
.3,.8,red car
.8,.1,"cat, dog"
T
run 0 --json -c "data $dir/named.csv; train model=mlp:3; forget add class:\"red car\"[:1]; evaluate classes=on"
said '"class":1,"class_name":"red car"'
run 0 --json -c "data $dir/named.csv; train model=mlp:3; forget add 0; blanket all; leverage top=6"
said '"label":0,"class":"cat, dog"'
run 0 --json -c "data $dir/named.csv; train model=mlp:3; forget add 0; select; why 'fc2[1]'; forget list"
said '"sample":0,"label":1,"class":"red car"'
said '"id":0,"label":1,"class":"red car"'

F=../shared/field
[ -d "$F" ] || { echo "skipped: the files of ../shared/field"; exit 0; }
loads() {
    run 0 --json -c "$1"
    said "\"train\":$2"
}
loads "load $F/binary.onnx; data $F/x64.npy labels=$F/yb.npy" 50
loads "load $F/gn21.onnx; data $F/ximg.npy labels=$F/y.npy" 50
loads "load $F/lstm.onnx" 0
said '"units":19' # 16 hidden ones and 3 outputs
loads "data $F/keraslike.npz" 40
said '"heldout":20'
loads "data $F/keraslike.npz:x_train" 40
sed 's/x_train/X_TRAIN/g; s/y_test/Y-Test/g' "$F/keraslike.npz" >"$dir/cased.npz"
loads "data $dir/cased.npz" 40
said '"heldout":20'
loads "data $F/iris_miss.csv missing=median" 150
loads "data $F/iris_idx.csv drop_columns=0" 150
loads "data $F/iris_idx.csv" 150
said "counts the rows"
loads "data $F/iris_dec.csv" 150
loads "data $F/mixed channels=1" 12
loads "data $F/jpeg" 2
grep -q EXIF "$dir/out" && fail "no picture is turned"

# a picture that says it is to be shown turned: said, once
mkdir -p "$dir/turned"
cp -r "$F/jpeg/." "$dir/turned"
one=$(find "$dir/turned" -type f | head -1)
{
    printf '\377\330\377\341\000\042Exif\000\000MM\000*\000\000\000\010\000\001'
    printf '\001\022\000\003\000\000\000\001\000\006\000\000\000\000\000\000'
    tail -c +3 "$one"
} >"$dir/one.jpg"
mv "$dir/one.jpg" "$one"
mkfifo "$(dirname "$one")/pipe.jpg" && ln -s /nowhere "$(dirname "$one")/link.jpg"
loads "data $dir/turned" 2
said "pipe.jpg' is no picture and was left out"
said "link.jpg' is no picture and was left out"
said "1 of 2 pictures say that they are to be shown turned"
loads "data $F/06/iris_cr.csv" 150
loads "data $F/16/cifar100.bin" 50
loads "data $F/17/iris_lab1.csv first_label=1" 150
loads "load $F/21/binary1.onnx; data $F/21/iris2.csv" 100
loads "data $F/24/img_sizes resize=8,8" 12
refused 3 "a Python pickle" "data $F/15/data_batch_1"
refused 3 "say first_label=1" "load $F/01/fp16.onnx; data $F/17/iris_lab1.csv"
refused 3 "say missing=drop" "data $F/iris_miss.csv"
refused 3 "say channels=3" "data $F/mixed"
exit 0
