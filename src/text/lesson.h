/* SPDX-License-Identifier: MIT
 * A lesson as it stands in its file: steps to read, to do and to answer, in plain text that needs
 * no programming. A line begins with one of these words, or with a blank: then it goes on with the
 * line before. `#` begins a remark.
 *
 *     lesson TITLE
 *     about TEXT
 *     minutes N
 *     setup COMMANDS              what it begins with; @/ is where models and lessons are
 *     step TITLE
 *     read TEXT                   what it is about, one thing at a time
 *     task TEXT                   what to do; needs `do` and `until`
 *     do COMMANDS                 one way to do it: how a script goes on, and what help shows
 *     until CONDITION             what must then be true (text/condition.h)
 *     point pane NAME             or: key K, figure NAME, slider blanket|damping
 *     hint TEXT                   when somebody asks
 *     wrong CONDITION -- TEXT     what to say when that is true instead
 *     then TEXT                   said once it is done
 *     ask TEXT                    a question instead of a task, with two to four answers:
 *     choice TEXT -- WHY          wrong, and why
 *     right TEXT -- WHY           right, and why
 *     learnt TEXT                 two sentences at the end
 *     alone COMMAND               how to go on without the lesson
 */
#ifndef LETHE_TEXT_LESSON_H
#define LETHE_TEXT_LESSON_H

#include "text/condition.h"

enum { LETHE_LESSON_REPLIES = 6, LETHE_LESSON_CHOICES = 4, LETHE_LESSON_STEPS = 40 };

struct lethe_lesson_choice {
    const char *text, *why;
    int right;
};

struct lethe_lesson_step {
    size_t line; /* of the file */
    const char *title, *read, *task, *commands, *hint, *then, *ask;
    const char *point_kind, *point; /* "pane", "plane"; NULL: nothing */
    struct lethe_condition *until;  /* NULL: it is read, or answered */
    struct lethe_lesson_reply {
        struct lethe_condition *when;
        const char *text;
    } replies[LETHE_LESSON_REPLIES];
    size_t reply_count;
    struct lethe_lesson_choice choices[LETHE_LESSON_CHOICES];
    size_t choice_count;
};

struct lethe_lesson {
    char *text; /* all words point into it */
    const char *title, *about, *setup, *learnt, *alone;
    size_t minutes, step_count;
    struct lethe_lesson_step steps[LETHE_LESSON_STEPS];
};

/* What is wrong with a lesson, said for each mistake; line 0: with the whole. */
typedef void lethe_lesson_fault(void *user, size_t line, const char *text);

/* Reads a file, telling fault (NULL: nobody) of everything that is wrong. LETHE_EFORMAT with the
 * first of the mistakes, LETHE_EIO when it cannot be read. */
enum lethe_err lethe_lesson_load(struct lethe_lesson **lesson, const char *path,
                                 lethe_lesson_fault *fault, void *user, struct lethe_error *err);
void lethe_lesson_free(struct lethe_lesson *lesson); /* NULL ok */
/* Tells fault of every step whose texts do not fit into the strip of an 80 x 24 screen at once. */
void lethe_lesson_fit(const struct lethe_lesson *lesson, lethe_lesson_fault *fault, void *user);

/* Names of the panes of the screen: those a lesson points at and a teacher presents; NULL after the
 * last. */
const char *const *lethe_lesson_panes(void);

#endif
