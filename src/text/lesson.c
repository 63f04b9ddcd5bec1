/* SPDX-License-Identifier: MIT
 * Reading lessons: lines become words and texts in place, each goes where its word says, and what a
 * lesson lacks is found at its end. */
#include "text/lesson.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"

enum { LARGEST = 1 << 20, READ_MOST = 330, TASK_MOST = 160, CHOICE_MOST = 110, SAY_MOST = 330 };

struct reading {
    struct lethe_lesson *lesson;
    struct lethe_lesson_step *step; /* NULL: before the first, or behind the last */
    const char *path;
    size_t line;
    lethe_lesson_fault *fault;
    void *user;
    struct lethe_error *err;
    enum lethe_err code; /* of the first mistake */
};

const char *const *lethe_lesson_panes(void)
{
    static const char *const panes[] = {
        "layers", "blanket", "preview", "plot",      "samples", "surface",   "history", "jobs",
        "sample", "plane",   "classes", "confusion", "cka",     "embedding", "methods", NULL};
    return panes;
}

__attribute__((format(printf, 3, 4))) static void wrong(struct reading *r, size_t line,
                                                        const char *format, ...)
{
    char text[400];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (r->fault)
        r->fault(r->user, line, text);
    if (r->code)
        return;
    r->code = line ? lethe_fail(r->err, LETHE_EFORMAT, "%s:%zu: %s", r->path, line, text)
                   : lethe_fail(r->err, LETHE_EFORMAT, "%s: %s", r->path, text);
}

/* Sets a text once. */
static void set(struct reading *r, const char **to, const char *word, const char *text, size_t most)
{
    if (*to)
        wrong(r, r->line, "a second '%s' here", word);
    else if (!*text)
        wrong(r, r->line, "'%s' says nothing", word);
    else if (strlen(text) > most)
        wrong(r, r->line, "'%s' has %zu characters, more than the %zu that fit on the screen", word,
              strlen(text), most);
    *to = text;
}

/* Cuts "A -- B" in two; 0 without it. */
static int cut(char **first, char **second, char *text)
{
    char *at = strstr(text, " -- ");
    if (!at)
        return 0;
    *at = '\0';
    *first = text;
    *second = at + 4 + strspn(at + 4, " ");
    return **first && **second;
}

static struct lethe_condition *condition(struct reading *r, const char *text)
{
    struct lethe_error err = {0};
    struct lethe_condition *made = NULL;
    if (lethe_condition_parse(&made, text, &err))
        wrong(r, r->line, "condition '%.80s': %s", text, err.message);
    return made;
}

/* ---- words of a step ------------------------------------------------------------------------- */

static void put_until(struct reading *r, char *text)
{
    if (r->step->until)
        wrong(r, r->line, "a second 'until' here; 'and' joins two conditions");
    else
        r->step->until = condition(r, text);
}

static void put_point(struct reading *r, char *text)
{
    static const char *const kinds[] = {"pane", "key", "figure", "slider"};
    const size_t length = strcspn(text, " ");
    size_t kind = 0;
    while (kind < 4 && (strlen(kinds[kind]) != length || strncmp(kinds[kind], text, length) != 0))
        kind++;
    const char *what = text + length + strspn(text + length, " ");
    if (kind == 4 || !*what) {
        wrong(r, r->line, "point: pane NAME, key K, figure NAME or slider NAME, not '%.60s'", text);
        return;
    }
    const char *const *pane = lethe_lesson_panes();
    while (kind == 0 && *pane && strcmp(*pane, what) != 0)
        pane++;
    if (kind == 0 && !*pane)
        wrong(r, r->line, "no pane '%.40s'", what);
    if (kind == 3 && strcmp(what, "blanket") != 0 && strcmp(what, "damping") != 0)
        wrong(r, r->line, "the sliders are blanket and damping, not '%.40s'", what);
    r->step->point_kind = kinds[kind];
    r->step->point = what;
}

static void put_wrong(struct reading *r, char *text)
{
    struct lethe_lesson_step *step = r->step;
    char *when, *say;
    if (step->reply_count == LETHE_LESSON_REPLIES)
        wrong(r, r->line, "a step answers at most %d wrong turns", (int)LETHE_LESSON_REPLIES);
    else if (!cut(&when, &say, text))
        wrong(r, r->line, "wrong: CONDITION -- what to say");
    else {
        struct lethe_lesson_reply *reply = &step->replies[step->reply_count];
        set(r, &reply->text, "wrong", say, SAY_MOST);
        reply->when = condition(r, when);
        step->reply_count += reply->when != NULL;
    }
}

static void put_choice(struct reading *r, char *text, int right)
{
    struct lethe_lesson_step *step = r->step;
    const char *word = right ? "right" : "choice";
    char *first, *why;
    if (step->choice_count == LETHE_LESSON_CHOICES) {
        wrong(r, r->line, "a question has at most %d answers", (int)LETHE_LESSON_CHOICES);
    } else if (!cut(&first, &why, text)) {
        wrong(r, r->line, "%s: the answer -- why it is %s", word, right ? "right" : "wrong");
    } else {
        struct lethe_lesson_choice *choice = &step->choices[step->choice_count++];
        set(r, &choice->text, word, first, CHOICE_MOST);
        set(r, &choice->why, word, why, SAY_MOST);
        choice->right = right;
    }
}

/* 1 when the word belongs to a step. */
static int put_in_step(struct reading *r, const char *word, char *text)
{
    struct lethe_lesson_step none = {0}, *step = r->step ? r->step : &none;
    const struct {
        const char *word;
        const char **to;
        size_t most;
    } texts[] = {{"read", &step->read, READ_MOST}, {"task", &step->task, TASK_MOST},
                 {"do", &step->commands, 400},     {"hint", &step->hint, SAY_MOST},
                 {"then", &step->then, SAY_MOST},  {"ask", &step->ask, READ_MOST}};
    const struct {
        const char *word;
        void (*put)(struct reading *, char *);
    } others[] = {{"until", put_until}, {"point", put_point}, {"wrong", put_wrong}};
    size_t text_at = 0, other = 0;
    while (text_at < sizeof texts / sizeof *texts && strcmp(texts[text_at].word, word) != 0)
        text_at++;
    while (other < sizeof others / sizeof *others && strcmp(others[other].word, word) != 0)
        other++;
    const int chosen = strcmp(word, "right") == 0 || strcmp(word, "choice") == 0;
    const int is_text = text_at < sizeof texts / sizeof *texts;
    if (!is_text && other == sizeof others / sizeof *others && !chosen)
        return 0;
    if (!r->step)
        wrong(r, r->line, "'%s' belongs to a step: 'step TITLE' comes first", word);
    else if (chosen)
        put_choice(r, text, *word == 'r');
    else if (is_text)
        set(r, texts[text_at].to, word, text, texts[text_at].most);
    else
        others[other].put(r, text);
    return 1;
}

/* ---- words of the lesson --------------------------------------------------------------------- */

static void begin_step(struct reading *r, const char *title)
{
    struct lethe_lesson *lesson = r->lesson;
    if (lesson->step_count == LETHE_LESSON_STEPS) {
        wrong(r, r->line, "a lesson has at most %d steps", (int)LETHE_LESSON_STEPS);
        return;
    }
    r->step = &lesson->steps[lesson->step_count++];
    r->step->line = r->line;
    set(r, &r->step->title, "step", title, 60);
}

static void put(struct reading *r, const char *word, char *text)
{
    struct lethe_lesson *lesson = r->lesson;
    const struct {
        const char *word;
        const char **to;
        size_t most;
    } texts[] = {{"lesson", &lesson->title, 60},
                 {"about", &lesson->about, SAY_MOST},
                 {"setup", &lesson->setup, 400},
                 {"learnt", &lesson->learnt, READ_MOST},
                 {"alone", &lesson->alone, 200}};
    if (strcmp(word, "step") == 0) {
        begin_step(r, text);
        return;
    }
    if (strcmp(word, "minutes") == 0) {
        char *end;
        lesson->minutes = strtoul(text, &end, 10);
        if (*end || !lesson->minutes || lesson->minutes > 120)
            wrong(r, r->line, "minutes: a number from 1 to 120, not '%.20s'", text);
        return;
    }
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
        if (strcmp(texts[k].word, word) == 0) {
            r->step = NULL;
            set(r, texts[k].to, word, text, texts[k].most);
            return;
        }
    if (!put_in_step(r, word, text))
        wrong(r, r->line, "no word '%.40s' of lessons", word);
}

static void check_step(struct reading *r, const struct lethe_lesson_step *step)
{
    size_t right = 0;
    for (size_t k = 0; k < step->choice_count; k++)
        right += step->choices[k].right != 0;
    if (step->ask && (step->task || step->until || step->commands))
        wrong(r, step->line, "step '%.40s' asks and wants something done: make two of it",
              step->title);
    else if (step->ask && (step->choice_count < 2 || right != 1))
        wrong(r, step->line, "step '%.40s' needs two answers or more, one of them right",
              step->title);
    else if (!step->ask && step->choice_count)
        wrong(r, step->line, "step '%.40s' has answers and no question", step->title);
    else if (!step->ask && !step->read && !step->task)
        wrong(r, step->line, "step '%.40s' says nothing: read, task or ask", step->title);
    else if (step->task && (!step->until || !step->commands))
        wrong(r, step->line,
              "step '%.40s' wants something done: 'do' says one way, 'until' what "
              "must then be true",
              step->title);
    else if (!step->task && (step->until || step->commands))
        wrong(r, step->line, "step '%.40s' has no 'task' that says what is to be done",
              step->title);
}

static void check_whole(struct reading *r)
{
    const struct lethe_lesson *lesson = r->lesson;
    if (!lesson->title)
        wrong(r, 0, "'lesson TITLE' is missing");
    if (!lesson->about)
        wrong(r, 0, "'about' is missing: a sentence for the list of lessons");
    if (!lesson->setup)
        wrong(r, 0, "'setup' is missing: the commands it begins with, such as load PATH");
    if (!lesson->step_count)
        wrong(r, 0, "there is no step");
    if (!lesson->learnt)
        wrong(r, 0, "'learnt' is missing: what was learnt, in two sentences");
    if (!lesson->alone)
        wrong(r, 0, "'alone' is missing: the command to go on with alone");
    for (size_t k = 0; k < lesson->step_count; k++)
        check_step(r, &lesson->steps[k]);
}

/* Takes the line at *at with those that go on with it, blanks between them made one. Returns NULL
 * at the end; *lines says how many there were. */
static char *take_line(char **at, size_t *lines)
{
    char *from = *at, *to = *at, *line = *at;
    *lines = 0;
    if (!*from)
        return NULL;
    for (;;) {
        const size_t length = strcspn(from, "\n");
        const size_t blank = strspn(from, " \t");
        char *end = from + length;
        if (*lines && to > line)
            *to++ = ' ';
        for (const char *c = from + blank; c < end; c++)
            *to++ = *c;
        from = *end ? end + 1 : end;
        ++*lines;
        while (to > line && strchr(" \t\r", to[-1]))
            to--;
        const size_t next = strspn(from, " \t");
        if (!next || from[next] == '\n' || !from[next])
            break;
    }
    *at = from;
    *to = '\0';
    return line;
}

static void read_lines(struct reading *r)
{
    char *at = r->lesson->text, *line;
    size_t lines, next = 1;
    while ((line = take_line(&at, &lines))) {
        r->line = next;
        next += lines;
        if (!*line || *line == '#')
            continue;
        const size_t length = strcspn(line, " \t");
        char *text = line + length + strspn(line + length, " \t");
        line[length] = '\0';
        put(r, line, text);
    }
}

enum lethe_err lethe_lesson_load(struct lethe_lesson **lesson, const char *path,
                                 lethe_lesson_fault *fault, void *user, struct lethe_error *err)
{
    struct lethe_bytes bytes = {0};
    struct reading r = {.path = path, .fault = fault, .user = user, .err = err};
    enum lethe_err code = lethe_file_read(&bytes, path, LARGEST, err);
    if (code)
        return code;
    if (memchr(bytes.data, '\0', bytes.size)) {
        lethe_free(bytes.data);
        return lethe_fail(err, LETHE_EFORMAT, "'%s' is not a text file", path);
    }
    r.lesson = lethe_alloc_zero(1, sizeof *r.lesson);
    if (!r.lesson) {
        lethe_free(bytes.data);
        return lethe_fail_memory(err, "a lesson", 1, sizeof *r.lesson);
    }
    r.lesson->text = (char *)bytes.data;
    read_lines(&r);
    check_whole(&r);
    if (r.code)
        lethe_lesson_free(r.lesson);
    else
        *lesson = r.lesson;
    return r.code;
}

void lethe_lesson_free(struct lethe_lesson *lesson)
{
    if (!lesson)
        return;
    for (size_t k = 0; k < lesson->step_count; k++) {
        lethe_condition_free(lesson->steps[k].until);
        for (size_t i = 0; i < lesson->steps[k].reply_count; i++)
            lethe_condition_free(lesson->steps[k].replies[i].when);
    }
    lethe_free(lesson->text);
    lethe_free(lesson);
}
