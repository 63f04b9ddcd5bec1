/* SPDX-License-Identifier: MIT
 * What is not committed: the forget set and the settings, as the session keeps them. See
 * draft.h. */
#include "workbench/draft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/* ---- writing --------------------------------------------------------------------------------- */

enum lethe_err lethe_draft_settings(struct lethe_pairs *pairs, const struct lethe_workbench *wb,
                                    struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    for (int key = 0; !code && key < LETHE_SET_COUNT; key++)
        code = lethe_pairs_set(pairs, lethe_setting_row((enum lethe_setting)key)->spec.name,
                               wb->settings.text[key], err);
    return code;
}

static enum lethe_err put(struct lethe_workbench *wb, const struct lethe_ids *forget,
                          struct lethe_error *err)
{
    char *ids = lethe_ids_text(forget);
    enum lethe_err code = ids ? lethe_session_draft_set(wb->session, "forget", ids, err)
                              : lethe_fail_memory(err, "the draft", forget->count, sizeof(size_t));
    lethe_free(ids);
    for (int key = 0; !code && key < LETHE_SET_COUNT; key++)
        code = lethe_session_draft_set(wb->session,
                                       lethe_setting_row((enum lethe_setting)key)->spec.name,
                                       wb->settings.text[key], err);
    return code;
}

enum lethe_err lethe_workbench_sync(struct lethe_workbench *wb, struct lethe_error *err)
{
    if (!wb->session || wb->many_commits)
        return LETHE_OK;
    enum lethe_err code = put(wb, &wb->project.forget, err);
    if (!code)
        code = lethe_session_sync(wb->session, err);
    if (!code)
        (void)lethe_trail_sync(wb, 1, NULL); /* 'trail' tells what hinders it */
    return code;
}

/* A script begins with the settings that were not the usual ones when its session began. */
static enum lethe_err note_settings(struct lethe_workbench *wb, struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    if (lethe_session_note_count(wb->session))
        return LETHE_OK;
    for (int key = 0; key < LETHE_SET_COUNT && !code; key++) {
        char line[2 * LETHE_SETTING_TEXT];
        const struct lethe_setting_row *row = lethe_setting_row((enum lethe_setting)key);
        if (strcmp(wb->settings.text[key], row->fallback) == 0)
            continue;
        snprintf(line, sizeof line, "set %s '%s'", row->spec.name, wb->settings.text[key]);
        code = lethe_session_note(wb->session, line, err);
    }
    return code;
}

enum lethe_err lethe_workbench_note(struct lethe_workbench *wb, const char *line,
                                    struct lethe_error *err)
{
    wb->version++;
    if (!wb->session)
        return LETHE_OK;
    enum lethe_err code = note_settings(wb, err);
    return code ? code : lethe_session_note(wb->session, line, err);
}

enum lethe_err lethe_draft_announce(struct lethe_workbench *wb, const struct lethe_ids *forget,
                                    struct lethe_error *err)
{
    enum lethe_err code = put(wb, forget, err);
    if (code || !wb->line)
        return code;
    code = note_settings(wb, err);
    return code ? code : lethe_session_announce(wb->session, wb->line, err);
}

enum lethe_err lethe_draft_settled(struct lethe_workbench *wb, enum lethe_err code)
{
    if (!code && wb->line)
        wb->line = NULL;
    lethe_session_announce(wb->session, NULL, NULL);
    return code;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Adds a line to what a person should know about what was opened. */
static void remark(struct lethe_workbench *wb, const char *what, const struct lethe_error *err)
{
    const size_t used = strlen(wb->remark);
    snprintf(wb->remark + used, sizeof wb->remark - used, "%s%s was dropped: %s", used ? "; " : "",
             what, err->message);
}

/* "3,9,12-40" as lethe_ids_text writes it. */
static enum lethe_err parse_ids(struct lethe_ids *ids, const char *text, size_t most,
                                struct lethe_error *err)
{
    size_t room = 0;
    for (const char *at = text; *at;) {
        char *end;
        size_t first = strtoull(at, &end, 10), last = first;
        if (end != at && *end == '-')
            last = strtoull(end + 1, &end, 10);
        if (end == at || last < first || last >= most || (*end && *end != ','))
            return lethe_fail(err, LETHE_EFORMAT, "the session's forget set is damaged: '%.40s'",
                              text);
        for (; first <= last; first++) {
            if (ids->count == room) {
                size_t *more = lethe_realloc(ids->at, room = room ? 2 * room : 64, sizeof *more);
                if (!more)
                    return lethe_fail_memory(err, "sample ids", room, sizeof *more);
                ids->at = more;
            }
            ids->at[ids->count++] = first;
        }
        at = *end ? end + 1 : end;
    }
    return LETHE_OK;
}

static enum lethe_err restore_forget(struct lethe_workbench *wb, const char *text,
                                     struct lethe_error *err)
{
    struct lethe_ids ids = {0};
    if (!text || !*text || !wb->project.train)
        return LETHE_OK;
    enum lethe_err code = parse_ids(&ids, text, lethe_dataset_count(wb->project.train), err);
    if (!code)
        code = lethe_workbench_forget(wb, ids.at, ids.count, err);
    lethe_free(ids.at);
    return code;
}

void lethe_draft_restore(struct lethe_workbench *wb)
{
    struct lethe_error err;
    const struct lethe_pairs *draft = lethe_session_draft(wb->session);
    for (int key = 0; key < LETHE_SET_COUNT; key++) {
        const char *name = lethe_setting_row((enum lethe_setting)key)->spec.name;
        const char *value = lethe_pairs_get(draft, name);
        if (value && *value && lethe_workbench_set(wb, (enum lethe_setting)key, value, &err))
            remark(wb, name, &err);
    }
    if (restore_forget(wb, lethe_pairs_get(draft, "forget"), &err))
        remark(wb, "the forget set that was not committed", &err);
}
