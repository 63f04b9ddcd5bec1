# What comes along: checksums, sizes, credits and licences, and every bundle opens from the clone alone.
. tests/support/golden.sh
(cd sample_models && sha256sum -c --quiet SHA256SUMS) >"$dir/out" 2>&1 || fail "a file is not the one that was credited"
find sample_models -type f -size +64k | sed 's|^sample_models/||' | LC_ALL=C sort >"$dir/files"
sed 's/^[0-9a-f]*  //' sample_models/SHA256SUMS | LC_ALL=C sort | comm -13 - "$dir/files" >"$dir/out"
[ -s "$dir/out" ] && fail "these have no checksum"
[ "$(du -sk sample_models | cut -f1)" -lt 40960 ] || fail "more than 40 MB"
for word in "fashion Zalando" "orl-faces Olivetti" "person-reid PETS" "cuad-clauses Atticus" "osnet Zhou" "digits Alpaydin"; do
    grep -q "${word#* }" "sample_models/${word% *}/README.md" || fail "no credit in ${word% *}"
done
for name in fashion person-reid osnet; do
    [ -s "sample_models/$name/LICENSE" ] || fail "no licence text beside $name"
done
git ls-files sessions src ui include sample_models README.md Makefile 2>/dev/null | xargs grep -l '\.\./shared' >"$dir/out" 2>/dev/null
[ -s "$dir/out" ] && fail "these point outside the repository"
for bundle in sample_models/*/bundle.json; do
    run 0 -c "load ${bundle%/bundle.json}"
done
# a larger set is looked for in LETHE_DATA, without it where Debian puts it
run 3 -c "load sessions/bundles/mnist-lr"
grep -q "/usr/share/datasets/mnist/.*LETHE_DATA names the folder" "$dir/err" || fail "does not say where it looked"
mkdir -p "$dir/data/mnist"
LETHE_DATA=$dir/data run 3 -c "load sessions/bundles/mnist-lr"
grep -q "$dir/data/mnist/" "$dir/err" || fail "LETHE_DATA is not heeded"
