/* SPDX-License-Identifier: MIT
 * Words about forgetting, deciding, sessions and what is written down. */
#include "text/glossary.h"

const struct lethe_term lethe_terms_history[] = {
    {.name = "salt",
     .also = "salted hashes|hashed|hashed ids",
     .meaning =
         "Random bytes that stand before a sample's number when it is hashed (SHA-256), so "
         "that the number cannot be found by trying: in the receipt of 'seal', and said once "
         "by 'report ids=hashed'.",
     .trap = "Who loses it can no longer show which samples were meant."},
    {.name = "forget",
     .also = "forget set|to forget|forget samples|mark",
     .meaning =
         "The samples that are to be forgotten next. 'forget add SPEC' or Space marks them."},
    {.name = "forgotten",
     .also = "gone|removed|already forgotten|samples gone",
     .meaning =
         "Samples that commits up to here have removed. Retraining is always without all of them.",
     .trap = "The loaded file still holds what they did to it; so do earlier states until 'seal'."},
    {.name = "commit",
     .also = "commits|committed|uncommitted|message",
     .meaning = "Keeps the preview as a new state. Only the changed weights are stored."},
    {.name = "state",
     .also = "history|states|id|head|parent of a state|after|at|current|root|kind|here|a|b",
     .meaning =
         "A point of the history: weights, what was forgotten, with which settings. Its id is made "
         "from its content. The head is where one stands, the root the loaded model.",
     .trap = "The same steps give the same id: it names the content, not the moment."},
    {.name = "undo",
     .also = "redo|undone|checkout",
     .meaning = "The way back and forward along the states; what was undone stays until 'seal'."},
    {.name = "branch",
     .also = "branches|on",
     .meaning = "A name for a line of states. Commits move the branch one stands on."},
    {.name = "diff",
     .also = "forgotten in a|forgotten in b|weights changed|norm|changed",
     .meaning = "What two states differ in: samples, weights and settings."},
    {.name = "session",
     .also = "kept|not kept|resumed|unkept|in memory|unsaved|not kept because|read only",
     .meaning =
         "The history of one model. Kept: it is on disk as it grows and goes on when the "
         "model is loaded again. Not kept: it ends with the program. Read only: it may not be "
         "written, and nothing can be committed. Resumed: it was begun "
         "earlier, and some samples may be gone already.",
     .trap = "Two windows on one model: only the first one is kept."},
    {.name = "save",
     .also = "open|lines|replay|same",
     .meaning = "'save' copies a session, 'open' goes on with one, 'replay' does its commands "
                "again and says whether the bits are the same."},
    {.name = "seal",
     .also = "earlier|last seal|opened|sealed|receipt|proof",
     .meaning = "Deletes the history before a commit for good, weights and numbers, and leaves a "
                "receipt with salted hashes.",
     .trap = "Copies of the files elsewhere are not reached."},
    {.name = "export", .meaning = "Writes the model as it stands to an ONNX file."},
    {.name = "audit trail",
     .also = "log|journal",
     .meaning = "What was done, in order: states in 'log', commands in the session's journal."},
    {.name = "raised by at most",

     .meaning = "The most that rounding the corners of Relus can raise a unit's output by."},
    {.name = "remove-each",
     .also = "removed so far|objective of the loop",
     .meaning = "Removes samples one after the other, with a commit each, until the held-out "
                "accuracy falls below a gap."},
    {.name = "seed",
     .meaning = "The number everything random is drawn from. The same seed gives the same results, "
                "bit for bit, on the same kind of processor."},
    {.name = "setting",
     .also = "settings|set value|term|terms|metrics|command|help|plot|series|points|x|y|x label|y "
             "label|name|group of commands",
     .meaning =
         "A value that decides how things are computed; 'show' lists them, 'set' changes one."},
    {.name = "job",
     .also = "jobs|cancelled|waiting|running|replaced|failed job|background",
     .meaning =
         "Work in the background, with a number. Replaced means a newer request took its place."},
    {.name = "answer",
     .also = "v|ok|result|notes|note|error|where|code|more|of|used|sets|detail|formula|good|"
             "trap|also",
     .meaning = "What a command says: as text for people, as one JSON object a line for programs "
                "with v (the version), command, ok, and result or error. Notes are sentences for "
                "people; more and of hold what text leaves out. 'explain' has formula, good (what "
                "value is good), trap (what it is mistaken for) and also (other words)."},
    {.name = "draft",
     .meaning = "Forget set and settings as they stand, kept beside the history until they are "
                "committed."},
    {.name = NULL},
};
