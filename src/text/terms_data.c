/* SPDX-License-Identifier: MIT
 * Words about the model and its data. */
#include "text/glossary.h"

const struct lethe_term lethe_terms_data[] = {
    {.name = "model",
     .also = "net",
     .meaning = "The network that is worked on: layers of units with weights, from inputs to one "
                "logit for each class.",
     .trap = "A commit replaces the weights on the workbench, never the file they came from: "
             "'export' writes them."},
    {.name = "bundle",
     .meaning = "A folder with a bundle.json that says where the model, its samples and labels are "
                "and how it was trained."},
    {.name = "path",
     .also = "file",
     .meaning = "The file or folder a command read from or wrote to."},
    {.name = "layer",
     .also = "layers|row of layers|name of a layer",
     .meaning = "One step of the network: a linear map, a convolution, a normalisation. Its units "
                "are its outputs."},
    {.name = "op",
     .also = "operator",
     .meaning = "What a layer computes, by its ONNX name: Gemm, Conv, BatchNormalization."},
    {.name = "unit",
     .also = "units|neuron|convolution filter",
     .meaning = "One output of a layer with the parameters that produce it: a row of weights and "
                "its bias, a filter, a hidden unit of an LSTM or GRU with its rows in all gates. "
                "Written layer[index].",
     .trap = "A unit is what L-CODEC scores; single weights of it can be chosen too."},
    {.name = "parameters",
     .also = "parameter|params|unit parameters|of parameters",
     .meaning = "The numbers that training sets. A blanket's are those that a removal may change.",
     .trap = "A step of few parameters is quick to solve, and can do only what these can."},
    {.name = "tensor",
     .also = "group of parameters|groups|group tensor",
     .meaning =
         "A parameter tensor that belongs to no unit (a norm's scale, an embedding): never scored, "
         "taken by 'blanket all'."},
    {.name = "inputs",
     .also = "fan in",
     .meaning = "How many numbers one unit of a layer takes in."},
    {.name = "positions",
     .meaning = "At how many places a layer's units are applied: pixels of a convolution, tokens "
                "of a text; 1 for a plain layer."},
    {.name = "logits",
     .also = "output|logit|probabilities|softmax",
     .meaning = "The numbers a softmax makes probabilities of. Files may end in probabilities, "
                "labels or one number of two classes: 'info' says in what, and logits are what "
                "stands behind it. Two classes by one logit z are (0, z).",
     .formula = "p_c = exp(z_c) / sum_k exp(z_k)"},
    {.name = "class",
     .also = "classes|label|labels|true label|true class|class name|set label",
     .meaning = "What a sample is to be recognised as. 'true label' is the one before a generator "
                "changed it."},
    {.name = "train",
     .also = "training set|training samples|train samples",
     .meaning = "The samples the model was trained on, or how many there are. Only these can be "
                "forgotten."},
    {.name = "held-out",
     .also = "heldout|held-out samples|test set|held-out accuracy set",
     .meaning = "Samples never trained on. They say what the model can do, and what an unseen "
                "sample looks like. One half (tune) feeds the screen, the other (report) is looked "
                "at when committing.",
     .trap = "What is tuned on the half that is reported looks better than it is."},
    {.name = "tune half",
     .also = "tune|heldout half|half|held-out half",
     .meaning = "The half of the held-out samples that sliders, previews and comparisons use.",
     .trap = "Report figures come from the other half, so that choosing does not flatter them."},
    {.name = "report half",
     .also = "report",
     .meaning = "The half of the held-out samples that is measured only at 'commit', in 'log' and "
                "'report'."},
    {.name = "trained on",
     .also = "n",
     .meaning = "How many samples made the model, those that are not here included.",
     .trap = "The step divides by it: a wrong number scales every removal."},
    {.name = "generated",
     .also = "generated samples|generator",
     .meaning = "Samples that 'generate' changed or added (wrong labels, duplicates, canaries), so "
                "that one knows what there is to forget."},
    {.name = "canary",
     .also = "canaries|mislabelled|duplicate|kind of generated samples",
     .meaning = "Kinds of generated samples: mislabelled ones with another label, confusion swaps "
                "two classes, duplicate repeats samples, canary adds noise pictures with a fixed "
                "label, random draws plain ones, mark puts a square into a corner of most "
                "images of one class."},
    {.name = "weight decay",
     .also = "lambda|l2",
     .meaning = "The weight of |w|^2 / 2 in what training minimised. It belongs to the model, not "
                "to the step.",
     .formula = "F(w) = mean loss + lambda/2 |w|^2",
     .trap = "Unknown, it cannot be guessed: 'set weight_decay' says it."},
    {.name = "recipe",
     .also = "optimizer|lbfgs|sgd|adam|l-bfgs",
     .meaning = "How the model was trained, and is retrained: L-BFGS to a minimum, or SGD or Adam "
                "for a number of epochs with a rate, a batch and augmentation."},
    {.name = "precision",
     .also = "file precision|float32|float64",
     .meaning =
         "How many digits are computed with. 'file precision' is what the file holds. Training to "
         "a minimum, curvature and solves run in float64 for small networks; sums always do."},
    {.name = "round corners",
     .also = "smooth|corner of a relu",
     .meaning = "'smooth' gives Relus a small parabola in place of their corner, so that training "
                "can end at a gradient of zero."},
    {.name = "processor",
     .also = "core|core type",
     .meaning = "The processor's kind as the linear algebra library names it.",
     .trap = "Bits of a result may differ between kinds; a commit records it."},
    {.name = "samples",
     .also = "sample|ids|id of a sample|set|shape of a sample",
     .meaning = "One row of the data: an input with its label. Training samples are named by their "
                "number, from 0. In 'info' sample is the shape of one; in a table the number it is "
                "about."},
    {.name = "tokens", .meaning = "Pieces of a text, by their number in the vocabulary."},
    {.name = "near duplicates",
     .also = "near duplicate|stays|near|distance",
     .meaning = "Retained samples that look almost like one to be forgotten.",
     .trap = "While a twin stays, the model may go on knowing what was to be forgotten."},
    {.name = "correct", .meaning = "How many samples the model gets right."},
    {.name = "rows",
     .also = "columns|column|x columns|z columns|array|arrays|p",
     .meaning = "Rows and columns of a table or an array: as a rule samples and their values. For "
                "codec and foci n is the number of rows and p of candidate columns."},
    {.name = "sample models",
     .meaning = "Small trained models that come with the program, to try things on."},
    {.name = "one-vs-rest",
     .meaning = "A sigmoid for each class, the largest of which decides: the logits are the "
                "logarithms of these probabilities."},
    {.name = "multi-label",
     .meaning = "Several classes may hold at once, each with a sigmoid of its own. Such a network "
                "chooses no class, and lethe does not take it."},
    {.name = "regression",
     .meaning = "The output is a number, not a class. Such a network lethe does not take."},
    {.name = "stored precision",
     .meaning = "The type of the numbers in a model's file. Half precision (float16, bfloat16) is "
                "computed with in float; 'export precision=stored' writes every tensor in the type "
                "it had."},
    {.name = "missing values",
     .also = "missing",
     .meaning = "Empty cells, NA, NaN, ?, null of a table. 'missing' says what becomes of them: "
                "refuse, drop (the row), mean, median, or column (mean, and an input that says "
                "where). Held-out samples get the training samples' fillings."},
    {.name = "network", .meaning = "The widths of the layers, inputs first and classes last."},
    {.name = "group",
     .also = "group name",
     .meaning = "A second label of a sample: who it is about, where it comes from. 'forget add "
                "group:NAME' takes all of one."},
    {.name = NULL},
};
