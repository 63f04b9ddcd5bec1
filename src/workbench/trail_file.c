/* SPDX-License-Identifier: MIT
 * The trail as a file: exported as a table, and kept beside the models that were trained again in
 * the session's folder, for its owner alone. A session that was sealed keeps none: it would tell of
 * what is gone. */
#include "workbench/trail.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "workbench/workbench.h"

enum { NUMBERS = 10, EXPORTED = 9, EXACT = 17 }; /* digits of a number */

/* The numbers of an entry in the order of the table. */
static void numbers_of(double *numbers[NUMBERS], struct lethe_trail_entry *e)
{
    double *const all[NUMBERS] = {&e->kl_forget,
                                  &e->kl_retain,
                                  &e->kl_heldout,
                                  &e->forget_accuracy,
                                  &e->retain_accuracy,
                                  &e->heldout_accuracy,
                                  &e->auc,
                                  &e->recovery,
                                  &e->gap,
                                  &e->seconds};
    memcpy(numbers, all, sizeof all);
}

static void put_table(struct lethe_text *text, const struct lethe_trail *trail, int digits)
{
    lethe_text_add(text, "of,forget,method,with,parameters,kl_forget,kl_retain,kl_heldout,"
                         "forget_accuracy,retain_accuracy,heldout_accuracy,auc,recovery_probs,"
                         "average_gap,seconds\n");
    for (size_t i = 0; i < trail->count; i++) {
        struct lethe_trail_entry e = trail->at[i];
        double *numbers[NUMBERS];
        numbers_of(numbers, &e);
        lethe_text_addf(text, "%s,%zu,%s,\"%s\",%zu", e.of, e.forget, e.method, e.with,
                        e.parameters);
        for (size_t k = 0; k < NUMBERS; k++)
            if (isfinite(*numbers[k]))
                lethe_text_addf(text, ",%.*g", digits, *numbers[k]);
            else
                lethe_text_add(text, ",");
        lethe_text_add(text, "\n");
    }
}

enum lethe_err lethe_trail_write(const struct lethe_trail *trail, const char *path,
                                 struct lethe_error *err)
{
    struct lethe_text text = {0};
    put_table(&text, trail, EXPORTED);
    enum lethe_err code = lethe_text_ok(&text, err);
    if (!code)
        code = lethe_file_write(path, lethe_text_get(&text), text.length, err);
    lethe_text_release(&text);
    return code;
}

/* ---- kept with the session ------------------------------------------------------------------- */

/* Heap memory; NULL where the session keeps none. */
static char *path_of(const struct lethe_workbench *wb)
{
    const char *dir = wb->session ? lethe_session_dir(wb->session) : NULL;
    char *folder = dir ? lethe_path_join(dir, "retrains") : NULL;
    char *path = folder ? lethe_path_join(folder, "trail.csv") : NULL;
    lethe_free(folder);
    return path;
}

enum lethe_err lethe_trail_sync(struct lethe_workbench *wb, int now, struct lethe_error *err)
{
    const double patience = 1; /* seconds between two writes while sliders move */
    struct lethe_trail *trail = &wb->trail;
    if (!trail->unwritten || (!now && lethe_clock() - trail->written < patience))
        return LETHE_OK;
    const int leave =
        wb->session && (lethe_session_sealed(wb->session) || lethe_session_reading(wb->session));
    char *path = leave ? NULL : path_of(wb);
    if (!path)
        return LETHE_OK;
    struct lethe_text text = {0};
    char *folder = lethe_path_folder(path);
    put_table(&text, trail, EXACT);
    enum lethe_err code =
        folder ? lethe_text_ok(&text, err) : lethe_fail_memory(err, "a path", 1, 1);
    if (!code)
        code = lethe_folder_make(folder, err);
    if (!code)
        code = lethe_file_keep(path, lethe_text_get(&text), text.length, NULL, err);
    if (!code) {
        trail->unwritten = 0;
        trail->written = lethe_clock();
    }
    lethe_text_release(&text);
    lethe_free(folder);
    lethe_free(path);
    return code;
}

void lethe_trail_remove(struct lethe_workbench *wb)
{
    char *path = path_of(wb);
    lethe_trail_release(&wb->trail);
    if (path && lethe_file_exists(path))
        (void)lethe_file_remove(path, NULL); /* the seal has removed what is older than it */
    lethe_free(path);
}

/* The text up to an end, which is stepped over; NULL when the line has none or it has no room. */
static const char *take(char *out, size_t room, const char *from, char end)
{
    const char ends[] = {end, '\n', '\0'};
    const size_t length = strcspn(from, ends);
    if (from[length] != end || length >= room)
        return NULL;
    memcpy(out, from, length);
    out[length] = '\0';
    return from + length + 1;
}

/* One line of the table, which ends at its line feed; 0 when it is none. */
static int read_entry(struct lethe_trail_entry *e, const char *line)
{
    char number[64];
    double *numbers[NUMBERS];
    *e = (struct lethe_trail_entry){.forget = 0};
    numbers_of(numbers, e);
    line = take(e->of, sizeof e->of, line, ',');
    line = line ? take(number, sizeof number, line, ',') : NULL;
    if (!line)
        return 0;
    e->forget = strtoull(number, NULL, 10);
    line = take(e->method, sizeof e->method, line, ',');
    if (!line || *line != '"' || !(line = take(e->with, sizeof e->with, line + 1, '"')) ||
        *line != ',' || !(line = take(number, sizeof number, line + 1, ',')))
        return 0;
    e->parameters = strtoull(number, NULL, 10);
    for (size_t k = 0; k < NUMBERS; k++) {
        line = take(number, sizeof number, line, k + 1 < NUMBERS ? ',' : '\n');
        if (!line)
            return 0;
        *numbers[k] = *number ? strtod(number, NULL) : NAN;
    }
    return 1;
}

/* What a line does not say is left out: the trail is a convenience, never a reason to refuse. */
void lethe_trail_restore(struct lethe_workbench *wb)
{
    enum { LIMIT = 64 << 20 };
    char *path = path_of(wb);
    struct lethe_bytes bytes = {0};
    lethe_trail_release(&wb->trail);
    if (path && lethe_file_exists(path) && !lethe_session_sealed(wb->session) &&
        lethe_file_read(&bytes, path, LIMIT, NULL) == LETHE_OK) {
        struct lethe_trail_entry entry;
        const char *line = strchr((const char *)bytes.data, '\n'); /* below the heading */
        for (; line && line[1]; line = strchr(line + 1, '\n'))
            if (read_entry(&entry, line + 1))
                (void)lethe_trail_keep(&wb->trail, &entry, NULL);
        wb->trail.unwritten = 0;
    }
    lethe_free(bytes.data);
    lethe_free(path);
}
