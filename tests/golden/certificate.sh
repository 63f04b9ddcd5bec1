# certificate: holds where every condition holds, and names each that does not.
. tests/support/golden.sh
begin="load sample_models/digits-logreg; set retrain off; forget add 17"

run 0 --json -c "$begin; blanket all; form influence; certificate"
said '"certificate":"holds, useless: the noise is larger than the step","holds":true'
# the numbers of the theorem: B of the digits, L = sqrt(2) B + lambda |w|, noise of thousands
holds "$(number bound) > 4.892 && $(number bound) < 4.894"
holds "$(number sigma) > 7.2e3 && $(number sigma) < 7.4e3"
run 0 --json -c "$begin; blanket all; form influence; curvature hessian; certificate eps=0.5"
said '"holds":true'
holds "$(number sigma) > 1.4e4"

run 0 -c "$begin; blanket all; form influence; damping 1e-3; certificate"
said "void: damping is not 0 ('damping 0')"
run 0 --json -c "$begin; select method=gradnorm; blanket 3; form influence; certificate"
said "void: the step moves a part of the parameters"
run 0 --json -c "$begin; blanket all; form influence; curvature ggn samples=500; certificate"
said "the curvature is not that of all retained samples ('curvature samples=1436')"
# what was removed before counts, and one more step is not one step
run 0 --json -c "$begin; blanket all; form influence; commit; forget add 18; certificate"
said "samples were removed before, in steps of their own"
holds "$(number removed_in_all) == 2"
run 0 --json -c "load sample_models/digits-mlp; set retrain off; forget add 3; \
    select method=gradnorm; blanket 1; certificate"
said "the model is not softmax regression"
refused 1 "eps must be" "$begin; certificate eps=0"
