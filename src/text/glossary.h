/* SPDX-License-Identifier: MIT
 * The glossary: every word that an answer, a pane or help prints, in a sentence or two. One row a
 * term; rows stand in files by project. Words are found whatever their case and whether they are
 * written with '_', '.', '-' or blanks. */
#ifndef LETHE_TEXT_GLOSSARY_H
#define LETHE_TEXT_GLOSSARY_H

#include <stddef.h>

struct lethe_term {
    const char *name;    /* "blanket" */
    const char *also;    /* other words for it, separated by '|'; NULL: none */
    const char *meaning; /* a sentence or two */
    const char *formula; /* NULL: there is none */
    const char *source;  /* where it comes from; NULL: common knowledge, or ours */
    const char *good;    /* what value is good; NULL: none is better */
    const char *trap;    /* what it is mistaken for; NULL: nothing known */
};

size_t lethe_term_count(void);
const struct lethe_term *lethe_term_at(size_t index); /* in the order of subjects */
/* The term that is called so, also where the word ends in the column it stands in ("loss retrain",
 * "kl quartiles", "wins 120"); NULL: none. */
const struct lethe_term *lethe_term_find(const char *word);
/* Calls offer with every name and other word. */
void lethe_term_names(void (*offer)(void *user, const char *name), void *user);

/* ---- rows, between the files of the glossary ------------------------------------------------- */

extern const struct lethe_term lethe_terms_data[], lethe_terms_select[], lethe_terms_step[],
    lethe_terms_curvature[], lethe_terms_figures[], lethe_terms_attacks[], lethe_terms_history[],
    lethe_terms_screen[], lethe_terms_methods[], lethe_terms_features[];
/* Each ends with a row whose name is NULL. */

#endif
