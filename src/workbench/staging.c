/* SPDX-License-Identifier: MIT
 * Words of the teacher, checked before anything changes. */
#include "workbench/staging.h"

#include <stdio.h>
#include <string.h>

#include "text/glossary.h"
#include "text/lesson.h"
#include "text/nearest.h"
#include "workbench/workbench.h"

const char *lethe_staging_pane(size_t n)
{
    const char *const *panes = lethe_lesson_panes();
    for (size_t k = 0; panes[k]; k++)
        if (k == n)
            return panes[k];
    return NULL;
}

static enum lethe_err no_pane(const char *word, struct lethe_error *err)
{
    struct lethe_nearest nearest;
    const char *const *panes = lethe_lesson_panes();
    char all[200] = "";
    lethe_nearest_init(&nearest, word);
    for (size_t k = 0; panes[k]; k++) {
        lethe_nearest_offer(&nearest, panes[k]);
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", k ? ", " : "", panes[k]);
    }
    if (nearest.best)
        return lethe_fail(err, LETHE_EARG, "no pane '%s': did you mean '%s'?", word, nearest.best);
    return lethe_fail(err, LETHE_EARG, "no pane '%s': on, off, or up to %d of %s", word,
                      LETHE_STAGING_PANES, all);
}

/* One name more; a pane that is named twice is shown once. */
static enum lethe_err take_pane(struct lethe_staging *to, const char *word, struct lethe_error *err)
{
    const char *const *panes = lethe_lesson_panes();
    size_t k = 0;
    while (panes[k] && strcmp(panes[k], word) != 0)
        k++;
    if (!panes[k])
        return no_pane(word, err);
    for (size_t n = 0; n < to->pane_count; n++)
        if (to->panes[n] == panes[k])
            return LETHE_OK;
    if (to->pane_count == LETHE_STAGING_PANES)
        return lethe_fail(err, LETHE_EARG, "'%s' is one pane too many: %d can be presented at once",
                          word, LETHE_STAGING_PANES);
    to->panes[to->pane_count++] = panes[k];
    return LETHE_OK;
}

enum lethe_err lethe_staging_show(struct lethe_staging *staging, const char *words,
                                  struct lethe_error *err)
{
    static const char between[] = " ,";
    struct lethe_staging next = *staging;
    next.on = 1;
    if (strcmp(words, "on") == 0 || strcmp(words, "off") == 0) {
        staging->on = words[1] == 'n';
        return LETHE_OK;
    }
    next.pane_count = 0;
    for (words += strspn(words, between); *words; words += strspn(words, between)) {
        char word[48];
        const size_t length = strcspn(words, between);
        snprintf(word, sizeof word, "%.*s", (int)length, words);
        enum lethe_err code = take_pane(&next, word, err);
        if (code)
            return code;
        words += length;
    }
    *staging = next;
    return LETHE_OK;
}

enum lethe_err lethe_staging_caption(struct lethe_staging *staging, const char *text,
                                     struct lethe_error *err)
{
    const size_t room = sizeof staging->caption - 1;
    if (strlen(text) > room)
        return lethe_fail(err, LETHE_EARG,
                          "the caption has %zu bytes: a line for an audience has at most %zu",
                          strlen(text), room);
    snprintf(staging->caption, sizeof staging->caption, "%s", strcmp(text, "off") == 0 ? "" : text);
    return LETHE_OK;
}

enum lethe_err lethe_staging_spot(struct lethe_staging *staging, const char *figure,
                                  struct lethe_error *err)
{
    struct lethe_nearest_kept search;
    if (strcmp(figure, "off") == 0) {
        staging->spot[0] = '\0';
        return LETHE_OK;
    }
    if (lethe_term_find(figure) && strlen(figure) < sizeof staging->spot) {
        snprintf(staging->spot, sizeof staging->spot, "%s", figure);
        return LETHE_OK;
    }
    lethe_nearest_init(&search.nearest, figure);
    lethe_term_names(lethe_nearest_keep, &search);
    if (search.nearest.best)
        return lethe_fail(err, LETHE_EARG, "no figure '%.60s': did you mean '%s'?", figure,
                          search.nearest.best);
    return lethe_fail(err, LETHE_EARG,
                      "no figure '%.60s': name one of the Preview pane, such as 'forget loss'",
                      figure);
}

static struct lethe_value *put_panes(struct lethe_value *out, const struct lethe_staging *staging)
{
    struct lethe_value *list = lethe_put_list(out, "panes");
    for (size_t k = 0; k < staging->pane_count; k++)
        lethe_put_text(list, NULL, staging->panes[k]);
    return list;
}

static struct lethe_value *put_spot(struct lethe_value *out, const struct lethe_staging *staging)
{
    return lethe_put_text(out, "spotlight", *staging->spot ? staging->spot : NULL);
}

void lethe_staging_put(struct lethe_value *out, const struct lethe_staging *staging)
{
    lethe_put_bool(out, "presenting", staging->on);
    put_panes(out, staging);
    lethe_put_text(out, "caption", *staging->caption ? staging->caption : NULL);
    put_spot(out, staging);
}

void lethe_staging_put_heading(struct lethe_value *out, const struct lethe_staging *staging)
{
    lethe_hint(lethe_put_bool(out, "presenting", staging->on), LETHE_HINT_QUIET);
    lethe_hint(put_panes(out, staging), LETHE_HINT_QUIET);
    lethe_hint(lethe_put_text(out, "caption", staging->caption), LETHE_HINT_HEADING);
    lethe_hint(put_spot(out, staging), LETHE_HINT_QUIET);
}

enum lethe_err lethe_staging_answer(struct lethe_value *out, struct lethe_workbench *wb,
                                    enum lethe_err code)
{
    wb->version += !code;
    if (!code)
        lethe_staging_put(out, &wb->staging);
    return code;
}
