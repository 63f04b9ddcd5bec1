/* SPDX-License-Identifier: MIT
 * Fuzzy match: the letters of a query in order, anywhere in a text. */
#ifndef LETHE_UI_FUZZY_H
#define LETHE_UI_FUZZY_H

/* Higher is better; -1 when the text lacks a letter of the query. Letters at the start of words and
 * in runs count more, skipped letters less; case is ignored, blanks in the query too. */
int lethe_fuzzy_score(const char *query, const char *text);

#endif
