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
     .meaning = "The sample under the cursor of the ledger, as picture or text."},
    {.name = "slider",
     .also = "sliders",
     .meaning = "The row with blanket size and damping: arrows move the one that is marked, b and "
                "d choose it."},
    {.name = NULL},
};
