/* SPDX-License-Identifier: MIT
 * Words about unlearning methods: what `method` sets, and what their parameters are called. */
#include "text/glossary.h"

const struct lethe_term lethe_terms_methods[] = {
    {.name = "unlearning method",
     .also = "methods|with|method with|rival|rivals|newton",
     .meaning = "How the removal is made: newton, one step of curvature on the blanket, or one of "
                "the field's other methods with its own parameters; 'method' lists them. preview, "
                "commit, remove-each and audit go by it.",
     .good = "The one nearest to retraining on all three sets, not the one that forgets most.",
     .trap = "Published defaults are for networks of millions of parameters: tune before judging."},
    {.name = "finetune",
     .also = "fine-tuning",
     .meaning =
         "Training goes on with the retained samples alone; the others are expected to fade.",
     .formula = "w <- w - rate grad [mean CE(R batch) + lambda/2 |w|^2]",
     .source = "Warnecke et al. 2021",
     .trap = "Where training had come to a minimum little moves, and little is forgotten."},
    {.name = "ascent",
     .also = "gradient ascent|neggrad",
     .meaning = "The loss of the forget samples is raised, until it has reached its stop.",
     .formula = "w <- w + rate grad mean CE(U batch) - rate lambda w",
     .source = "Graves et al. 2021; Thudi et al. 2022",
     .trap = "Without a stop there is no end: the network is ruined, the retained samples first."},
    {.name = "negplus",
     .also = "neggrad+",
     .meaning = "Descent on the retained and ascent on the forget samples in the same step.",
     .formula = "w <- w - rate grad [alpha CE(R batch) - (1 - alpha) CE(U batch)]",
     .source = "Kurmanji et al., NeurIPS 2023"},
    {.name = "randomlabel",
     .also = "random labels|random labelling",
     .meaning = "Training goes on, the forget samples under labels drawn from the other classes.",
     .formula = "w <- w - rate grad mean CE(batch of U and R), y' != y on U",
     .source = "Golatkar et al., CVPR 2020",
     .trap = "A sample that is confidently wrong is as conspicuous as one that is remembered."},
    {.name = "salun",
     .also = "saliency unlearning|saliency",
     .meaning = "Random labels on the salient weights only: those with the largest gradient of the "
                "forget samples' loss. All others stay bit for bit.",
     .formula = "w <- w - rate m * grad mean CE, y' != y on U; m: largest |grad CE(U)|",
     .source = "Fan et al., ICLR 2024"},
    {.name = "mask",
     .meaning =
         "Which weights a method that trains may change: all (none), those of the blanket of "
         "a selector, with as many units as 'blanket' says ('method scrub mask=lfoci'), or, of "
         "salun, its own (saliency)."},
    {.name = "scrub",
     .also = "scrub+r|rewind",
     .meaning = "The network leaves its teacher, the trained one, on the forget samples and stays "
                "with it on the retained ones. With rewind=1 the epoch is taken whose error on the "
                "forget samples is nearest to that on held-out samples of their classes.",
     .formula = "max on U: T^2 KL(w0 || w); min on R: gamma CE + alpha T^2 KL(w0 || w)",
     .source = "Kurmanji et al., NeurIPS 2023"},
    {.name = "ssd",
     .also = "selective synaptic dampening",
     .meaning = "Weights that matter much more to the forget samples than to all of them are made "
                "smaller, without training.",
     .formula = "w_i <- w_i min(lambda I_S / I_U, 1) where I_U > alpha I_S; I: mean squared "
                "gradient",
     .source = "Foster et al., AAAI 2024",
     .trap = "In a small network every weight serves many samples, and dampening harms them all."},
    {.name = "fisher forgetting",
     .also = "method fisher",
     .meaning = "Noise on the weights, the more the less the retained samples depend on them.",
     .formula = "w_i <- w_i + sqrt(alpha min(1 / F_i, cap)) N(0, 1), F_i = E_R sum_c p_c g_i(c)^2",
     .source = "Golatkar et al., CVPR 2020",
     .trap = "Noise hides what was learned from everyone, and shows in the retained samples."},
    {.name = "badteacher",
     .also = "bad teaching|incompetent teacher",
     .meaning =
         "The network follows one with fresh weights on the forget samples, and its old self "
         "on a share of the retained ones.",
     .formula = "w <- w - Adam grad mean KL(fresh on U, w0 on R || w)",
     .source = "Chundawat et al., AAAI 2023",
     .trap = "Outputs as of an untrained network are not those of one that never saw the sample."},
    {.name = "relabel-nearest",
     .also = "boundary shrink|boundary unlearning",
     .meaning = "The forget samples are trained towards the class across their nearest boundary, "
                "found by moving the input along its gradient's sign.",
     .formula = "w <- w - rate grad mean CE(x, y'), y' of the nearest other class at x + bound "
                "sign(dx)",
     .source = "Chen et al., CVPR 2023"},
    {.name = "max.epochs",
     .meaning = "Of scrub: epochs that begin with a pass over the forget samples that leads away "
                "from the trained network."},
    {.name = "rate",
     .also = "learning rate|drop",
     .meaning = "How far a step of training goes along the gradient; drop is what it is multiplied "
                "with later."},
    {.name = "momentum", .meaning = "Share of the step before that SGD takes along."},
    {.name = "batch",
     .also = "mini-batch|forget.batch",
     .meaning = "Samples whose mean gradient makes a step."},
    {.name = "alpha",
     .also = "cap|temperature",
     .meaning = "A parameter of an unlearning method; what it does stands in the answer of 'method "
                "NAME', beside its published value."},
    {.name = "published",
     .also = "usual",
     .meaning = "The value that the method's paper or program names.",
     .trap = "It was found on other networks and data."},
    {.name = "range", .meaning = "Between which values a parameter is usually looked for."},
    {.name = "parameter search",
     .also = "tuning|trial|trials|best|tuned",
     .meaning =
         "A search of a method's parameters: random ones from its ranges, all with a quarter "
         "of their epochs, the better half with a half, the better half of these with all. "
         "Trial 0 has the published ones and stays to the end.",
     .formula = "score = KL(forget) + KL(retained) + KL(held-out), to the warm retraining",
     .source = "Jamieson and Talwalkar 2016 (successive halving)",
     .trap = "A search looks at retraining, which a real removal does not have."},
    {.name = "view",
     .also = "model view",
     .meaning =
         "Three models beside each other: the network before, the preview, the retrained one "
         "- by class, by layer, in the plane, on one sample."},
    {.name = "confusion matrix",
     .also = "predicted",
     .meaning = "How many samples of each class (rows) are taken for each class (columns)."},
    {.name = "cka",
     .also = "linear CKA|similarity of layers|layer similarity",
     .meaning = "How alike two networks' activations of a layer are, up to a turn and a scale; of "
                "what goes into the nonlinearity, of convolutions averaged over their positions.",
     .formula = "|Y'X|^2 / (|X'X| |Y'Y|), columns centred, Frobenius norms",
     .source = "Kornblith et al., ICML 2019",
     .good = "As between the network before and the retrained one.",
     .trap = "It is led by the few directions of largest variance; small changes hide in it."},
    {.name = "share of change",
     .also = "share of the change|outside of layers",
     .meaning = "Which part of the squared change of all weights lies in a layer; outside of "
                "layers: in tensors that belong to none."},
    {.name = "embedding",
     .also = "axes|shares|components|discriminants",
     .meaning = "What the last layer is given, in the plane: on the two directions of largest "
                "variance, or on those that set the classes furthest apart. The axes are those of "
                "the network before, for all three models; shares: how much of the variance or "
                "separation each holds.",
     .trap = "Two axes of many: points that lie together here may be far apart."},
    {.name = "tradeoff",
     .also = "trade-off|tried|trail",
     .meaning =
         "Everything tried in this session: distance to retraining on the forget samples "
         "against that on the retained ones, or, where most have no retraining, forget accuracy "
         "against held-out accuracy. The trail keeps it; 'trail' lists it."},
    {.name = "masks",
     .meaning = "In 'compare masks': the method that is set, or salun, as it is and on every "
                "selector's blanket."},
    {.name = NULL},
};
