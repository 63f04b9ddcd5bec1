/* SPDX-License-Identifier: MIT
 * The report: the story in sentences, pictures, the way from the root to the head with its figures,
 * the method, and how to do it again. */
#include "lethe/report.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/file.h"
#include "session/report_parts.h"

enum { TITLE = 200 };

static const struct lethe_report_options usual = {0};

/* ---- removals and trainings ------------------------------------------------------------------ */

/* Settings whose outcome stands among the figures of the step. */
static int is_told(const struct lethe_state *state, const char *setting)
{
    static const char *const told[][2] = {
        {"curvature", "\"curvature\":"}, {"damping", "\"damping\":"}, {"form", "\"form\":"},
        {"form.used", "\"form\":"},      {"steps", "\"steps\":"},     {"units", "\"units\":"}};
    for (size_t k = 0; k < sizeof told / sizeof *told; k++)
        if (!strcmp(told[k][0], setting))
            return strstr(lethe_state_metrics(state), told[k][1]) != NULL;
    return 0;
}

/* Settings that the state before did not have alike: said once, and then what changed. */
static void page_settings(struct lethe_page *page, const struct lethe_state *state)
{
    static const char *const head[] = {"setting", ""};
    const struct lethe_pairs *settings = lethe_state_settings(state);
    const struct lethe_state *parent = lethe_state_parent(state);
    size_t rows = 0;
    for (size_t i = 0; i < settings->count; i++) {
        const char *cells[] = {settings->at[i].key, settings->at[i].value};
        const char *was = parent ? lethe_pairs_get(lethe_state_settings(parent), cells[0]) : NULL;
        if ((was && !strcmp(was, cells[1])) || is_told(state, cells[0]))
            continue;
        if (!rows++)
            lethe_page_table(page, head, 2);
        lethe_page_row(page, cells, 2);
    }
    if (rows)
        lethe_page_table_end(page);
}

/* all: how many were forgotten up to the head. */
static void page_facts(struct lethe_page *page, const struct lethe_state *state, size_t all,
                       const struct lethe_report_options *options)
{
    struct lethe_text line = {0};
    size_t count;
    const size_t *ids = lethe_state_forget(state, &count);
    lethe_text_addf(&line, "Commit %.12s, ", lethe_state_id(state));
    lethe_report_time(&line, lethe_state_time(state));
    lethe_text_addf(&line, "; %zu of %zu weights changed", lethe_state_changed(state),
                    lethe_state_size(state));
    if (count) {
        lethe_text_add(&line, "; forgotten here: ");
        if (count == all)
            lethe_text_addf(&line, "%s above", count == 1 ? "the sample" : "all samples");
        else if (options->salt)
            lethe_text_addf(&line, "%zu of the samples above", count);
        else
            lethe_report_ids(&line, ids, count, 60);
    }
    lethe_text_add(&line, ".");
    lethe_page_line(page, lethe_text_get(&line));
    page->failed |= line.failed;
    lethe_text_release(&line);
}

/* gone (all): what was forgotten up to the head. */
static void page_state(struct lethe_page *page, const struct lethe_state *state, size_t step,
                       const size_t *gone, size_t all, const struct lethe_report_options *options)
{
    const enum lethe_report_what what = options->what;
    char title[TITLE];
    struct lethe_text message = {0};
    if (!lethe_state_parent(state))
        return; /* where it began has no figures; its hashes stand at the end */
    lethe_report_message(&message, state, options, gone, all);
    snprintf(title, sizeof title, "%zu. %s: %.150s", step, lethe_state_kind(state),
             message.length ? lethe_text_get(&message) : "(no message)");
    page->failed |= message.failed;
    lethe_text_release(&message);
    lethe_page_heading(page, title);
    page_facts(page, state, all, options);
    lethe_report_tables(page, state, options);
    if (what == LETHE_REPORT_FULL)
        page_settings(page, state);
}

/* ---- documents ------------------------------------------------------------------------------- */

/* The next line of a text without its end, or of lines that begin with two blanks all that follow
 * each other, without the blanks; *is_code says which. *at moves on; lethe_free. */
static char *next_block(const char **at, int *is_code)
{
    struct lethe_text block = {0};
    *is_code = !strncmp(*at, "  ", 2);
    do {
        const char *line = *at + 2 * *is_code;
        const size_t n = strcspn(line, "\n");
        lethe_text_add(&block, block.length ? "\n" : "");
        lethe_text_add_bytes(&block, line, n);
        *at = line + n + (line[n] != '\0');
    } while (*is_code && !strncmp(*at, "  ", 2));
    if (block.failed)
        lethe_text_release(&block);
    else
        lethe_text_add(&block, ""); /* an empty line is a text, too */
    return block.at;
}

/* A paragraph a line; those that begin with two blanks are formulas and other things to be copied.
 */
static void page_paragraphs(struct lethe_page *page, const struct lethe_text *text)
{
    const char *at = lethe_text_get(text);
    int is_code;
    while (*at) {
        char *block = next_block(&at, &is_code);
        if (block && is_code)
            lethe_page_code(page, block);
        else
            lethe_page_line(page, block ? block : "");
        lethe_free(block);
    }
    page->failed |= text->failed;
}

/* The lines that lead here, as far as a seal has left them; they name samples. */
static void write_script(struct lethe_text *out, const struct lethe_session *session,
                         const struct lethe_report_options *options)
{
    if (options->salt)
        return;
    for (size_t i = 0; i < lethe_session_note_count(session); i++)
        lethe_text_addf(out, "%s\n", lethe_session_note_line(session, i, NULL));
}

static void page_again(struct lethe_page *page, const struct lethe_session *session,
                       const struct lethe_report_options *options)
{
    static const char *const head[] = {"SHA-256 of", ""};
    const struct lethe_source *source = lethe_session_source(session);
    const struct lethe_state *now = lethe_session_head(session);
    struct lethe_text script = {0};
    write_script(&script, session, options);
    lethe_page_heading(page, "How to do it again");
    if (lethe_session_sealed(session))
        lethe_page_line(page,
                        script.length
                            ? "The script up to the seal is gone with it; what follows came after."
                            : "The script up to the seal is gone with it.");
    if (options->salt)
        lethe_page_line(page, "The script names the samples by number and is left out; 'save "
                              "FILE.lethe' writes it.");
    if (script.length)
        lethe_page_code(page, lethe_text_get(&script));
    const char *rows[][2] = {{"the model it began with", source->model_hash},
                             {"the data", source->data_hash},
                             {"the weights now", lethe_state_weights_hash(now)},
                             {"all decisions (commit)", lethe_state_id(now)}};
    lethe_page_table(page, head, 2);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (*rows[i][1])
            lethe_page_row(page, rows[i], 2);
    lethe_page_table_end(page);
    page->failed |= script.failed;
    lethe_text_release(&script);
}

static char *page_text(const struct lethe_session *session, int html,
                       const struct lethe_report_options *options, const size_t *ids, size_t count)
{
    struct lethe_page page;
    struct lethe_text story = {0}, method = {0};
    size_t step = 0;
    char line[400];
    lethe_page_begin(&page, html, "What was forgotten");
    snprintf(line, sizeof line, "Model and data: %.300s", lethe_session_source(session)->path);
    lethe_page_line(&page, line);
    lethe_report_story(&story, session, options, ids, count);
    page_paragraphs(&page, &story);
    if (options->picture_count && options->not_drawn)
        lethe_page_line(&page, options->not_drawn);
    for (size_t i = 0; i < options->picture_count; i++)
        lethe_page_picture(&page, options->pictures[i].svg, options->pictures[i].caption);
    for (size_t i = 0; i < lethe_session_count(session); i++)
        if (lethe_report_is_on_the_way(session, lethe_session_state(session, i)))
            page_state(&page, lethe_session_state(session, i), step++, ids, count, options);
    if (options->what != LETHE_REPORT_DELETION) {
        lethe_page_heading(&page, "Method");
        lethe_report_method(&method, session);
        page_paragraphs(&page, &method);
    }
    if (options->what != LETHE_REPORT_LECTURE)
        page_again(&page, session, options);
    lethe_page_end(&page);
    lethe_text_release(&story);
    lethe_text_release(&method);
    if (page.failed) {
        lethe_free(page.text);
        page.text = NULL;
    }
    return page.text;
}

/* Paragraphs as a list. */
static void json_lines(struct lethe_json *parent, const char *key, const struct lethe_text *text)
{
    struct lethe_json *list = lethe_json_add_array(parent, key);
    const char *at = lethe_text_get(text);
    while (*at) {
        const char *end = strchr(at, '\n');
        const size_t n = end ? (size_t)(end - at) : strlen(at);
        char *line = lethe_alloc_zero(n + 1, 1);
        if (!line)
            return;
        memcpy(line, at, n);
        lethe_json_add_string(list, NULL, line);
        lethe_free(line);
        at += n + (end != NULL);
    }
}

static void json_ids(struct lethe_json *parent, const char *key,
                     const struct lethe_report_options *options, const size_t *ids, size_t count)
{
    struct lethe_json *array = lethe_json_add_array(parent, key);
    char(*hashes)[LETHE_HASH_HEX] = NULL;
    if (options->salt && lethe_report_hashes(&hashes, options->salt, ids, count, NULL))
        return;
    for (size_t i = 0; i < count; i++)
        if (hashes)
            lethe_json_add_string(array, NULL, hashes[i]);
        else
            lethe_json_add_number(array, NULL, (double)ids[i]);
    lethe_free(hashes);
}

/* What a commit was given; without what names a sample by number where hashes stand for them. */
static void json_metrics(struct lethe_json *object, const struct lethe_json *metrics,
                         const struct lethe_report_options *options)
{
    if (!options->salt) {
        lethe_json_add_copy(object, "metrics", metrics);
        return;
    }
    struct lethe_json *copy = lethe_json_add_object(object, "metrics");
    for (const struct lethe_json *m = lethe_json_first(metrics); m; m = lethe_json_next(m))
        if (strcmp(lethe_json_key(m), "leverage") != 0)
            lethe_json_add_copy(copy, lethe_json_key(m), m);
}

/* gone (all): what was forgotten up to the head. */
static void json_state(struct lethe_json *states, const struct lethe_state *state,
                       const size_t *gone, size_t all, const struct lethe_report_options *options)
{
    size_t count;
    const size_t *ids = lethe_state_forget(state, &count);
    const struct lethe_pairs *settings = lethe_state_settings(state);
    const char *text = lethe_state_metrics(state);
    struct lethe_json *metrics = NULL, *object = lethe_json_add_object(states, NULL);
    lethe_json_add_string(object, "id", lethe_state_id(state));
    lethe_json_add_string(object, "kind", lethe_state_kind(state));
    struct lethe_text message = {0};
    lethe_report_message(&message, state, options, gone, all);
    lethe_json_add_string(object, "message", lethe_text_get(&message));
    lethe_text_release(&message);
    lethe_json_add_number(object, "time", (double)lethe_state_time(state));
    lethe_json_add_u64(object, "seed", lethe_state_seed(state));
    json_ids(object, "forget", options, ids, count);
    struct lethe_json *set = lethe_json_add_object(object, "settings");
    for (size_t i = 0; i < settings->count; i++)
        lethe_json_add_string(set, settings->at[i].key, settings->at[i].value);
    lethe_json_add_number(object, "changed", (double)lethe_state_changed(state));
    lethe_json_add_string(object, "model", lethe_state_weights_hash(state));
    if (*text && !lethe_json_parse(&metrics, text, strlen(text), "metrics", NULL))
        json_metrics(object, metrics, options);
    else
        lethe_json_add_null(object, "metrics");
    lethe_json_free(metrics);
}

static char *json_text(const struct lethe_session *session,
                       const struct lethe_report_options *options, const size_t *ids, size_t count)
{
    static const char *const kinds[] = {"full", "deletion", "lecture"};
    struct lethe_text story = {0}, method = {0}, script = {0};
    const struct lethe_source *source = lethe_session_source(session);
    struct lethe_json *root = lethe_json_object();
    lethe_json_add_string(root, "format", "lethe report");
    lethe_json_add_number(root, "version", 1);
    lethe_json_add_string(root, "what", kinds[options->what]);
    lethe_report_story(&story, session, options, ids, count);
    json_lines(root, "story", &story);
    struct lethe_json *from = lethe_json_add_object(root, "source");
    lethe_json_add_string(from, "path", source->path);
    lethe_json_add_string(from, "model", source->model_hash);
    lethe_json_add_string(from, "data", source->data_hash);
    lethe_json_add_string(root, "head", lethe_state_id(lethe_session_head(session)));
    json_ids(root, "forgotten", options, ids, count);
    lethe_json_add_number(root, "sealed", (double)lethe_session_sealed(session));
    struct lethe_json *states = lethe_json_add_array(root, "states");
    for (size_t i = 0; i < lethe_session_count(session); i++)
        if (lethe_report_is_on_the_way(session, lethe_session_state(session, i)))
            json_state(states, lethe_session_state(session, i), ids, count, options);
    struct lethe_json *captions = lethe_json_add_array(root, "pictures");
    for (size_t i = 0; i < options->picture_count; i++)
        lethe_json_add_string(captions, NULL, options->pictures[i].caption);
    if (options->picture_count && options->not_drawn)
        lethe_json_add_string(root, "not_drawn", options->not_drawn);
    if (options->what != LETHE_REPORT_DELETION) {
        lethe_report_method(&method, session);
        json_lines(root, "method", &method);
    }
    if (options->what != LETHE_REPORT_LECTURE) {
        write_script(&script, session, options);
        json_lines(root, "script", &script);
    }
    char *text = story.failed || method.failed || script.failed ? NULL : lethe_json_text(root, 1);
    lethe_json_free(root);
    lethe_text_release(&story);
    lethe_text_release(&method);
    lethe_text_release(&script);
    return text;
}

enum lethe_err lethe_report_text(char **text, const struct lethe_session *session,
                                 enum lethe_report_format format,
                                 const struct lethe_report_options *options,
                                 struct lethe_error *err)
{
    size_t *ids, count;
    options = options ? options : &usual;
    enum lethe_err code = lethe_state_forgotten(&ids, &count, lethe_session_head(session), err);
    if (code)
        return code;
    char *made = format == LETHE_REPORT_JSON
                     ? json_text(session, options, ids, count)
                     : page_text(session, format == LETHE_REPORT_HTML, options, ids, count);
    lethe_free(ids);
    if (!made) {
        lethe_fail_memory(err, "a report", lethe_session_count(session), 4096);
        return LETHE_ENOMEM;
    }
    *text = made;
    return LETHE_OK;
}

enum lethe_err lethe_report_format_of(enum lethe_report_format *format, const char *path,
                                      struct lethe_error *err)
{
    static const struct {
        const char *ending;
        enum lethe_report_format format;
    } known[] = {{".md", LETHE_REPORT_MARKDOWN},
                 {".html", LETHE_REPORT_HTML},
                 {".htm", LETHE_REPORT_HTML},
                 {".json", LETHE_REPORT_JSON}};
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < sizeof known / sizeof *known; i++) {
        if (!strcasecmp(dot, known[i].ending)) {
            *format = known[i].format;
            return LETHE_OK;
        }
    }
    return lethe_fail(err, LETHE_EARG, "'%s': a report ends in .md, .html or .json", path);
}

enum lethe_err lethe_report_write(const struct lethe_session *session, const char *path,
                                  const struct lethe_report_options *options,
                                  struct lethe_error *err)
{
    enum lethe_report_format format = LETHE_REPORT_MARKDOWN;
    char *text = NULL;
    enum lethe_err code = lethe_report_format_of(&format, path, err);
    if (!code)
        code = lethe_report_text(&text, session, format, options, err);
    if (!code)
        code = lethe_file_write(path, text, strlen(text), err);
    lethe_free(text);
    return code;
}
