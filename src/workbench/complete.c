/* SPDX-License-Identifier: MIT
 * Completion from the command table. The word at the end is matched against what the row of its
 * command allows there. */
#include "workbench/complete.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "base/alloc.h"
#include "base/text.h"
#include "base/visible.h"
#include "text/command.h"
#include "text/line.h"
#include "workbench/workbench.h"

struct search {
    struct lethe_candidates *out;
    const char *prefix; /* what a candidate begins with */
    size_t length;
    int failed;
};

void lethe_candidates_release(struct lethe_candidates *candidates)
{
    for (size_t i = 0; i < candidates->count; i++)
        lethe_free(candidates->at[i]);
    lethe_free(candidates->at);
    *candidates = (struct lethe_candidates){0};
}

/* user is a struct search; tail goes behind the word. */
static void offer(void *user, const char *word, const char *tail)
{
    struct search *search = user;
    struct lethe_candidates *out = search->out;
    if (strncmp(word, search->prefix, search->length) != 0)
        return;
    if (out->count == out->room) {
        size_t room = out->room ? 2 * out->room : 16;
        char **at = lethe_realloc(out->at, room, sizeof *at);
        if (!at) {
            search->failed = 1;
            return;
        }
        out->at = at;
        out->room = room;
    }
    size_t size = strlen(word) + strlen(tail) + 1;
    char *copy = lethe_alloc(size, 1);
    if (!copy) {
        search->failed = 1;
        return;
    }
    snprintf(copy, size, "%s%s", word, tail);
    out->at[out->count++] = copy;
    out->unfinished = *tail != '\0';
}

static void offer_commands(struct search *search, const struct lethe_workbench *wb)
{
    for (size_t i = 0; wb->commands && i < wb->commands->count; i++)
        offer(search, wb->commands->at[i]->name, "");
}

static void offer_settings(struct search *search)
{
    for (int k = 0; k < LETHE_SET_COUNT; k++)
        offer(search, lethe_setting_row((enum lethe_setting)k)->spec.name, "");
}

static void offer_paths(struct search *search)
{
    char folder[512];
    const char *slash = strrchr(search->prefix, '/');
    size_t length = slash ? (size_t)(slash - search->prefix) + 1 : 0;
    if (length >= sizeof folder)
        return;
    snprintf(folder, sizeof folder, "%.*s", (int)length, search->prefix);
    DIR *dir = opendir(length ? folder : ".");
    struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        char path[1024];
        struct stat info;
        int hidden = entry->d_name[0] == '.' && search->prefix[length] != '.';
        int fits = snprintf(path, sizeof path, "%s%s", folder, entry->d_name) < (int)sizeof path;
        if (!hidden && fits && stat(path, &info) == 0)
            offer(search, path, S_ISDIR(info.st_mode) ? "/" : "");
    }
    if (dir)
        closedir(dir);
}

/* What was typed of a word, without its quotes. */
struct typed {
    char *plain;      /* as long as the word at most */
    size_t head;      /* bytes of the word up to the quote that is open, with it; 0: none is */
    size_t head_text; /* of these, in plain */
    char quote;
};

static enum lethe_err typed_init(struct typed *typed, const char *word)
{
    *typed = (struct typed){.plain = lethe_alloc(strlen(word) + 1, 1)};
    if (!typed->plain)
        return LETHE_ENOMEM;
    char *out = typed->plain;
    for (const char *at = word; *at; at++) {
        if (typed->quote == '"' && *at == '\\' && (at[1] == '"' || at[1] == '\\')) {
            *out++ = *++at;
        } else if (typed->quote && *at == typed->quote) {
            typed->quote = 0;
            typed->head = 0;
        } else if (!typed->quote && (*at == '"' || *at == '\'')) {
            typed->quote = *at;
            typed->head = (size_t)(at - word) + 1;
            typed->head_text = (size_t)(out - typed->plain);
        } else {
            *out++ = *at;
        }
    }
    *out = '\0';
    return LETHE_OK;
}

/* Text within quotes and the quote at its end. */
static void add_quoted(struct lethe_text *word, const char *text, char quote)
{
    for (; *text; text++) {
        if (quote == '"' && (*text == '"' || *text == '\\'))
            lethe_text_add(word, "\\");
        lethe_text_add_bytes(word, text, 1);
    }
    lethe_text_add_bytes(word, &quote, 1);
}

/* Offers kind and name as one word: within the quote that is open, else in quotes of its own when
 * it would be several words. */
static void offer_name(struct search *search, const struct typed *typed, const char *kind,
                       const char *name)
{
    struct lethe_text whole = {0}, word = {0};
    lethe_text_add(&whole, kind);
    lethe_text_add_visible(&whole, name, ""); /* as it is shown, so can it be typed */
    const char *text = lethe_text_get(&whole);
    name = text + strlen(kind);
    if (typed->head && typed->quote == '\'' && strchr(name, '\'')) {
        lethe_text_release(&whole); /* no quote of this kind can hold it */
        return;
    }
    if (typed->head) {
        lethe_text_add_bytes(&word, search->prefix, typed->head);
        add_quoted(&word, text + typed->head_text, typed->quote);
    } else if (name[strcspn(name, " \t'\"\\;#&=")]) {
        lethe_text_addf(&word, "%s\"", kind);
        add_quoted(&word, name, '"');
    } else {
        lethe_text_add(&word, text);
    }
    search->failed |= lethe_text_ok(&whole, NULL) || lethe_text_ok(&word, NULL);
    if (!search->failed) {
        const size_t length = search->length;
        search->length = 0; /* what was typed may stand without the quotes */
        offer(search, lethe_text_get(&word), "");
        search->length = length;
    }
    lethe_text_release(&whole);
    lethe_text_release(&word);
}

/* Whether the name, as it is shown, begins like the text. */
static int begins(const char *name, const char *text)
{
    char piece[LETHE_VISIBLE_ROOM];
    size_t size;
    for (; *text && (size = lethe_visible_next(piece, &name)); text += size)
        if (strncmp(piece, text, size) != 0)
            return strlen(text) < size && !strncmp(piece, text, strlen(text));
    return !*text;
}

/* "class:" at first, then with every name, or number where there are no names. */
static void offer_names(struct search *search, const struct lethe_workbench *wb, const char *kind,
                        const char *(*name_of)(const struct lethe_dataset *, size_t),
                        size_t (*count_of)(const struct lethe_dataset *))
{
    enum { MOST = 1000 };
    const struct lethe_dataset *data = wb->project.train;
    const size_t length = strlen(kind);
    struct typed typed;
    char plain[32];
    if (typed_init(&typed, search->prefix)) {
        search->failed = 1;
        return;
    }
    snprintf(plain, sizeof plain, "%.*s", (int)length - 1, kind);
    if (strncmp(typed.plain, kind, length) != 0)
        offer(search, plain, ":");
    for (size_t i = 0; data && i < count_of(data) && i < MOST; i++) {
        const char *name = name_of(data, i);
        snprintf(plain, sizeof plain, "%zu", i);
        name = name ? name : plain;
        if (!strncmp(typed.plain, kind, length) && begins(name, typed.plain + length))
            offer_name(search, &typed, kind, name);
    }
    lethe_free(typed.plain);
}

/* Candidates for the value of one argument. */
static void offer_values(struct search *search, const struct lethe_workbench *wb,
                         const struct lethe_arg_spec *spec)
{
    char name[64];
    switch (spec->kind) {
    case LETHE_ARG_CHOICE:
        for (size_t n = 0; lethe_arg_choice(spec, n, name, sizeof name); n++)
            offer(search, name, "");
        break;
    case LETHE_ARG_PATH:
        offer_paths(search);
        break;
    case LETHE_ARG_KEY:
        offer_settings(search);
        break;
    case LETHE_ARG_COMMAND:
        offer_commands(search, wb);
        break;
    case LETHE_ARG_SIZE:
    case LETHE_ARG_COUNT:
        offer(search, "auto", "");
        offer(search, "all", "");
        break;
    case LETHE_ARG_SPEC:
        offer_names(search, wb, "class:", lethe_dataset_class_name, lethe_dataset_classes);
        offer_names(search, wb, "group:", lethe_dataset_group_name, lethe_dataset_groups);
        offer(search, "random", ":");
        offer(search, "misclassified", "");
        offer(search, "top-loss", ":");
        offer(search, "generated", "");
        offer(search, "file", ":");
        break;
    default:
        lethe_workbench_names(wb, spec->kind, offer, search);
    }
}

/* The argument that the word after `words` is for: by key, or by place. */
static void offer_arguments(struct search *search, const struct lethe_workbench *wb,
                            const struct lethe_command *command, const struct lethe_line *line)
{
    const char *equals = strchr(search->prefix, '=');
    size_t place = 0;
    for (size_t w = 1; w < line->count; w++)
        place += strchr(line->words[w], '=') == NULL;
    for (size_t i = 0; i < command->arg_count; i++) {
        const struct lethe_arg_spec *spec = &command->args[i];
        int keyed = (spec->flags & LETHE_ARG_KEYED) != 0;
        size_t length = strlen(spec->name);
        if (keyed && equals && (size_t)(equals - search->prefix) == length &&
            strncmp(search->prefix, spec->name, length) == 0) {
            search->out->start += length + 1;
            search->prefix = equals + 1;
            search->length = strlen(search->prefix);
            offer_values(search, wb, spec);
            return;
        }
        if (keyed && !equals)
            offer(search, spec->name, "=");
        else if (!keyed && place-- == 0)
            offer_values(search, wb, spec);
    }
}

/* Where the last word begins; blanks between quotes divide no words. */
static size_t start_of_word(const char *text)
{
    size_t start = 0;
    char quote = 0;
    for (size_t i = 0; text[i]; i++) {
        if (quote)
            quote = text[i] == quote ? '\0' : quote;
        else if (text[i] == '"' || text[i] == '\'')
            quote = text[i];
        else if (text[i] == ' ' || text[i] == '\t')
            start = i + 1;
    }
    return start;
}

enum lethe_err lethe_complete(struct lethe_candidates *candidates, const struct lethe_workbench *wb,
                              const char *text, struct lethe_error *err)
{
    *candidates = (struct lethe_candidates){0};
    const char *last = lethe_line_last(text);
    const size_t word = start_of_word(last), end = strlen(last);
    struct search search = {candidates, last + word, end - word, 0};
    candidates->start = (size_t)(last - text) + word;
    struct lethe_line line = {0};
    struct lethe_text before = {0};
    lethe_text_add_bytes(&before, last, word);
    const char *cursor = lethe_text_get(&before);
    enum lethe_err code = lethe_text_ok(&before, err);
    if (!code && lethe_line_next(&line, &cursor, NULL) == LETHE_OK) {
        const struct lethe_command *command =
            line.count && wb->commands ? lethe_command_find(wb->commands, line.words[0], NULL)
                                       : NULL;
        if (!line.count)
            offer_commands(&search, wb);
        else if (command)
            offer_arguments(&search, wb, command, &line);
    }
    if (!code && search.failed)
        code = lethe_fail_memory(err, "candidates", candidates->count, sizeof(char *));
    if (code)
        lethe_candidates_release(candidates);
    lethe_line_release(&line);
    lethe_text_release(&before);
    return code;
}
