/* SPDX-License-Identifier: MIT
 * Words of the screen itself: its panes and signs. */
#include "text/glossary.h"

const struct lethe_term lethe_terms_screen[] = {
    {.name = "layers pane",
     .also = "strip|in the blanket|dots",
     .meaning = "One row a layer, a bar for each unit as high as its marginal T; dots are no more "
                "than chance gives, triangles mark the blanket."},
    {.name = "blanket pane",
     .meaning = "Units in the order they were selected, with what decided it, and the line where "
                "the blanket ends. Enter makes it end at the cursor."},
    {.name = "preview pane",
     .also = "signs of a figure|•|!",
     .meaning = "Every figure before, now and retrained. A dot: it changed. A tilde: from a part "
                "of the samples. An exclamation mark: a warning."},
    {.name = "plot pane",
     .also = "plots",
     .meaning = "The same numbers drawn; p goes on to the next plot."},
    {.name = "samples pane",
     .also = "ledger|filter|sort",
     .meaning = "Every training sample with its losses. Space marks, / filters, o sorts."},
    {.name = "surface pane",
     .meaning = "The map of a figure over blanket size and damping; arrows move the point."},
    {.name = "history pane", .meaning = "States, newest first; Enter goes to one."},
    {.name = "jobs pane",
     .meaning = "What runs in the background, how far it is and how long it will take."},
    {.name = "sample pane",
     .also = "bars",
     .meaning = "The sample under the cursor of the ledger, as picture or text, with the "
                "probabilities that the models before, now and retrained give its classes as bars "
                "(x shows them in the place of the picture)."},
    {.name = "classes pane",
     .also = "retr.",
     .meaning = "Accuracy, mean loss and attack AUC of every class, before, now and retrained, the "
                "most changed first; x turns from held-out to forget and retained samples."},
    {.name = "methods pane",
     .also = "KL held|z AUC|nothing done",
     .meaning = "Every unlearning method, or every mask, of the last 'compare methods' or 'compare "
                "masks', what comes nearest to retraining first, beside the network as it was and "
                "the retrained ones. Enter makes the removal by that row's method and parameters; "
                "x compares, T searches the parameters first.",
     .trap = "Nearest is the sum of the KL on forget, retained and held-out samples; another sum "
             "gives another order."},
    {.name = "plane",
     .also = "plane pane|decision boundary|boundary|confidence|cut",
     .meaning = "The inputs of a model with two of them, with every sample in its place, what the "
                "model decides around it, and the line where the decision changes: dotted before, "
                "whole now, dashed after retraining. Doubt is shaded. Of more inputs it is a cut "
                "through the mean along the two principal components.",
     .formula = "boundary: p_a(x) = p_b(x); confidence: max_c p_c(x)",
     .good = "The whole line on the dashed one.",
     .trap = "On a cut samples are drawn where they fall, not where they lie: the boundary around "
             "them is not the one they meet."},
    {.name = "principal component",
     .also = "principal components|share of the variance",
     .meaning = "A direction along which the inputs of the samples spread most; the second one is "
                "the widest at a right angle to the first.",
     .formula = "eigenvectors of the covariance of x with the largest eigenvalues",
     .source = "Pearson 1901"},
    {.name = "lesson",
     .also = "lessons|strip of the lesson|minutes|so far|number|about|step of a lesson",
     .meaning =
         "Ten lessons on the workbench itself, each of a few steps: something to read, to do "
         "or to answer. It waits until the thing is done, in whatever way, and answers a "
         "wrong turn.",
     .trap = "Its session is in memory: what is done in a lesson is gone with it."},
    {.name = "learnt",
     .also = "alone|right answers|wrong answers|faults|accepted|blanket_units",
     .meaning = "What a lesson ends with: two sentences, the command to go on with alone, and how "
                "many questions were answered right and wrong. Faults are what 'lesson check' "
                "finds in a file; its conditions ask for names such as accepted (units the "
                "selection took) and blanket_units."},
    {.name = "presenting",
     .also = "present|panes|audience|staging",
     .meaning = "The full screen for an audience: only the panes in question, more space between "
                "lines, no faint ink. Key F, 'present PANES', or --present from the start.",
     .trap = "Panes that are not shown go on working: their keys are one Tab or F away."},
    {.name = "caption",
     .meaning =
         "A line above the panes that are presented, which the teacher sets: 'caption TEXT'."},
    {.name = "spotlight",
     .also = "spot|large digits",
     .meaning = "One figure that stands out: its row is marked, and while presenting it stands "
                "above the others in digits five lines high, before, now and retrained. "
                "'spotlight FIGURE', or key o in the Preview pane; lessons point at figures so."},
    {.name = "recording",
     .also = "record|recorded|play|asciicast|events|shown|frames",
     .meaning = "What the terminal shows, event by event with the time of each, as an asciicast of "
                "version 2: 'record FILE' begins it, 'record' ends it, 'play FILE' shows it and "
                "says how many of its seconds were shown, 'play FILE frames=NAME at=3,8' writes "
                "pictures of moments.",
     .source = "docs.asciinema.org/manual/asciicast/v2",
     .trap = "It holds all that was on the terminal, names of files and samples included."},
    {.name = "slider",
     .also = "sliders",
     .meaning = "The row with blanket size and damping: arrows move the one that is marked, b and "
                "d choose it. With another method than the Newton step (m chooses it) the row has "
                "that method's numbers, with a triangle where the published value stands; b and d "
                "go from one to the next."},
    {.name = NULL},
};
