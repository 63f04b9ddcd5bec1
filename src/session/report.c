/* SPDX-License-Identifier: MIT
 * The report. Metrics are whatever JSON the commit was given: objects with "before" or "now" are
 * rows of one table, other values rows of a second one; so new figures need no change here. */
#include "lethe/report.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/json.h"
#include "session/page.h"

enum { FIGURES = 7, PATH = 200 };

static const char *const figure_names[FIGURES] = {"figure", "before", "now", "retrain",
                                                  "sd",     "z",      "says"};

/* ---- small texts ------------------------------------------------------------------------------
 */

static void write_time(char *out, size_t room, int64_t seconds)
{
    time_t t = (time_t)seconds;
    struct tm parts;
    if (!gmtime_r(&t, &parts) || !strftime(out, room, "%Y-%m-%d %H:%M:%S UTC", &parts))
        snprintf(out, room, "%lld s", (long long)seconds);
}

/* "3, 9, 12-40" in heap memory; NULL when out of memory. */
static char *write_ids(const size_t *ids, size_t count)
{
    size_t room = 44 * count + 8, used = 0;
    char *text = lethe_alloc(room, 1);
    if (!text)
        return NULL;
    snprintf(text, room, "none");
    for (size_t i = 0, j; i < count; i = j) {
        for (j = i + 1; j < count && ids[j] == ids[j - 1] + 1;)
            j++;
        used += (size_t)snprintf(text + used, room - used, "%s%zu", i ? ", " : "", ids[i]);
        if (j - i > 1)
            used += (size_t)snprintf(text + used, room - used, "-%zu", ids[j - 1]);
    }
    return text;
}

static void write_value(char *out, size_t room, const struct lethe_json *value)
{
    double x;
    int flag;
    if (lethe_json_as_number(value, &x))
        snprintf(out, room, "%.4g", x);
    else if (lethe_json_as_bool(value, &flag))
        snprintf(out, room, "%s", flag ? "yes" : "no");
    else
        snprintf(out, room, "%s", lethe_json_as_string(value) ? lethe_json_as_string(value) : "");
}

/* ---- metrics ----------------------------------------------------------------------------------
 */

/* One walk writes the rows of one kind. */
struct walk {
    struct lethe_page *page;
    int figures; /* rows with before and now; else single values */
    size_t rows;
};

static void figure_row(struct walk *walk, const char *path, const struct lethe_json *figure)
{
    char texts[FIGURES][PATH];
    const char *cells[FIGURES] = {path};
    for (size_t i = 1; i < FIGURES; i++) {
        write_value(texts[i], sizeof texts[i], lethe_json_get(figure, figure_names[i]));
        cells[i] = texts[i];
    }
    if (!walk->rows++)
        lethe_page_table(walk->page, figure_names, FIGURES);
    lethe_page_row(walk->page, cells, FIGURES);
}

static void value_row(struct walk *walk, const char *path, const struct lethe_json *value)
{
    static const char *const names[] = {"value", ""};
    char text[PATH];
    write_value(text, sizeof text, value);
    const char *cells[] = {path, text};
    if (!*text)
        return;
    if (!walk->rows++)
        lethe_page_table(walk->page, names, 2);
    lethe_page_row(walk->page, cells, 2);
}

/* Depth is bounded by the reader of JSON. */
static void walk_metrics(struct walk *walk, const char *path, const struct lethe_json *value)
{
    if (!lethe_json_is_object(value)) {
        if (!walk->figures)
            value_row(walk, path, value);
        return;
    }
    if (lethe_json_get(value, "before") || lethe_json_get(value, "now")) {
        if (walk->figures)
            figure_row(walk, path, value);
        return;
    }
    for (const struct lethe_json *m = lethe_json_first(value); m; m = lethe_json_next(m)) {
        char inner[PATH];
        snprintf(inner, sizeof inner, "%.100s%s%.90s", path, *path ? " " : "", lethe_json_key(m));
        walk_metrics(walk, inner, m);
    }
}

static void page_metrics(struct lethe_page *page, const struct lethe_state *state)
{
    struct lethe_json *metrics = NULL;
    const char *text = lethe_state_metrics(state);
    if (!*text || lethe_json_parse(&metrics, text, strlen(text), "metrics", NULL))
        return;
    for (int figures = 1; figures >= 0; figures--) {
        struct walk walk = {page, figures, 0};
        walk_metrics(&walk, "", metrics);
        if (walk.rows)
            lethe_page_table_end(page);
    }
    lethe_json_free(metrics);
}

/* ---- states -----------------------------------------------------------------------------------
 */

static void page_facts(struct lethe_page *page, const struct lethe_state *state)
{
    static const char *const names[] = {"fact", ""};
    char when[40], changed[64], seed[24];
    size_t count;
    const size_t *ids = lethe_state_forget(state, &count);
    char *forgot = write_ids(ids, count);
    if (!forgot) {
        page->failed = 1;
        return;
    }
    write_time(when, sizeof when, lethe_state_time(state));
    snprintf(changed, sizeof changed, "%zu of %zu", lethe_state_changed(state),
             lethe_state_size(state));
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)lethe_state_seed(state));
    const char *rows[][2] = {{"commit", lethe_state_id(state)},
                             {"time", when},
                             {"forgotten here", forgot},
                             {"weights changed", changed},
                             {"SHA-256 of the weights", lethe_state_weights_hash(state)},
                             {"seed", seed}};
    lethe_page_table(page, names, 2);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        lethe_page_row(page, rows[i], 2);
    const struct lethe_pairs *settings = lethe_state_settings(state);
    for (size_t i = 0; i < settings->count; i++) {
        const char *cells[] = {settings->at[i].key, settings->at[i].value};
        lethe_page_row(page, cells, 2);
    }
    lethe_page_table_end(page);
    lethe_free(forgot);
}

/* Root first; the states stand in this order in the session already. */
static int is_on_the_way(const struct lethe_session *session, const struct lethe_state *state)
{
    const struct lethe_state *s = lethe_session_head(session);
    while (s && s != state)
        s = lethe_state_parent(s);
    return s != NULL;
}

static void page_state(struct lethe_page *page, const struct lethe_state *state, size_t step)
{
    char title[PATH];
    const char *message = lethe_state_message(state);
    if (!lethe_state_parent(state))
        snprintf(title, sizeof title, "0. Where it began");
    else
        snprintf(title, sizeof title, "%zu. %s: %.150s", step, lethe_state_kind(state),
                 *message ? message : "(no message)");
    lethe_page_heading(page, title);
    page_facts(page, state);
    page_metrics(page, state);
}

/* ---- documents --------------------------------------------------------------------------------
 */

static void page_summary(struct lethe_page *page, const struct lethe_session *session,
                         const size_t *ids, size_t count)
{
    char line[400];
    size_t sealed = lethe_session_sealed(session);
    char *listed = write_ids(ids, count);
    snprintf(line, sizeof line, "Model and data: %.300s", lethe_session_source(session)->path);
    lethe_page_line(page, line);
    snprintf(line, sizeof line, "%zu training samples forgotten up to commit %.12s:", count,
             lethe_state_id(lethe_session_head(session)));
    lethe_page_line(page, line);
    lethe_page_line(page, listed ? listed : "");
    if (sealed) {
        snprintf(line, sizeof line,
                 "%zu more were forgotten before this session was sealed; only their salted hashes "
                 "are kept.",
                 sealed);
        lethe_page_line(page, line);
    }
    if (count)
        lethe_page_line(page, "The session behind this report is not sealed: it still contains "
                              "the weights from before and the ids of what was forgotten.");
    page->failed |= !listed;
    lethe_free(listed);
}

static char *page_text(const struct lethe_session *session, int html, const size_t *ids,
                       size_t count)
{
    struct lethe_page page;
    size_t step = 0;
    lethe_page_begin(&page, html, "What was forgotten");
    page_summary(&page, session, ids, count);
    for (size_t i = 0; i < lethe_session_count(session); i++)
        if (is_on_the_way(session, lethe_session_state(session, i)))
            page_state(&page, lethe_session_state(session, i), step++);
    lethe_page_end(&page);
    if (page.failed) {
        lethe_free(page.text);
        page.text = NULL;
    }
    return page.text;
}

static void json_ids(struct lethe_json *parent, const char *key, const size_t *ids, size_t count)
{
    struct lethe_json *array = lethe_json_add_array(parent, key);
    for (size_t i = 0; i < count; i++)
        lethe_json_add_number(array, NULL, (double)ids[i]);
}

static void json_state(struct lethe_json *states, const struct lethe_state *state)
{
    size_t count;
    const size_t *ids = lethe_state_forget(state, &count);
    const struct lethe_pairs *settings = lethe_state_settings(state);
    const char *text = lethe_state_metrics(state);
    struct lethe_json *metrics = NULL, *object = lethe_json_add_object(states, NULL);
    lethe_json_add_string(object, "id", lethe_state_id(state));
    lethe_json_add_string(object, "kind", lethe_state_kind(state));
    lethe_json_add_string(object, "message", lethe_state_message(state));
    lethe_json_add_number(object, "time", (double)lethe_state_time(state));
    lethe_json_add_u64(object, "seed", lethe_state_seed(state));
    json_ids(object, "forget", ids, count);
    struct lethe_json *set = lethe_json_add_object(object, "settings");
    for (size_t i = 0; i < settings->count; i++)
        lethe_json_add_string(set, settings->at[i].key, settings->at[i].value);
    lethe_json_add_number(object, "changed", (double)lethe_state_changed(state));
    lethe_json_add_string(object, "model", lethe_state_weights_hash(state));
    if (*text && !lethe_json_parse(&metrics, text, strlen(text), "metrics", NULL))
        lethe_json_add_copy(object, "metrics", metrics);
    else
        lethe_json_add_null(object, "metrics");
    lethe_json_free(metrics);
}

static char *json_text(const struct lethe_session *session, const size_t *ids, size_t count)
{
    const struct lethe_source *source = lethe_session_source(session);
    struct lethe_json *root = lethe_json_object();
    lethe_json_add_string(root, "format", "lethe report");
    lethe_json_add_number(root, "version", 1);
    struct lethe_json *from = lethe_json_add_object(root, "source");
    lethe_json_add_string(from, "path", source->path);
    lethe_json_add_string(from, "model", source->model_hash);
    lethe_json_add_string(from, "data", source->data_hash);
    lethe_json_add_string(root, "head", lethe_state_id(lethe_session_head(session)));
    json_ids(root, "forgotten", ids, count);
    lethe_json_add_number(root, "sealed", (double)lethe_session_sealed(session));
    struct lethe_json *states = lethe_json_add_array(root, "states");
    for (size_t i = 0; i < lethe_session_count(session); i++)
        if (is_on_the_way(session, lethe_session_state(session, i)))
            json_state(states, lethe_session_state(session, i));
    char *text = lethe_json_text(root, 1);
    lethe_json_free(root);
    return text;
}

enum lethe_err lethe_report_text(char **text, const struct lethe_session *session,
                                 enum lethe_report_format format, struct lethe_error *err)
{
    size_t *ids, count;
    enum lethe_err code = lethe_state_forgotten(&ids, &count, lethe_session_head(session), err);
    if (code)
        return code;
    char *made = format == LETHE_REPORT_JSON
                     ? json_text(session, ids, count)
                     : page_text(session, format == LETHE_REPORT_HTML, ids, count);
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
                                  struct lethe_error *err)
{
    enum lethe_report_format format = LETHE_REPORT_MARKDOWN;
    char *text = NULL;
    enum lethe_err code = lethe_report_format_of(&format, path, err);
    if (!code)
        code = lethe_report_text(&text, session, format, err);
    if (!code)
        code = lethe_file_write(path, text, strlen(text), err);
    lethe_free(text);
    return code;
}
