/* SPDX-License-Identifier: MIT
 * The history of states as a graph, newest first: lane 0 is the way to the head and beyond, every
 * other line of states has a lane of its own until the state it branched off from. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ui/fill.h"
#include "ui/view/format.h"
#include "workbench/plots.h"

enum { LANES = 8 };

/* Is the state b or one of its parents? */
static int precedes(const struct lethe_state *a, const struct lethe_state *b)
{
    for (; b; b = lethe_state_parent(b))
        if (a == b)
            return 1;
    return 0;
}

static const char *forget_words(struct lethe_fill *fill, const struct lethe_state *state)
{
    char text[LETHE_FILL_TEXT] = "";
    size_t count, used = 0;
    const size_t *ids = lethe_state_forget(state, &count);
    for (size_t k = 0; k < count && k < 5 && used < sizeof text; k++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s#%zu", k ? " " : "", ids[k]);
    if (count > 5)
        snprintf(text, sizeof text, "%zu samples", count);
    return lethe_arena_strdup(&fill->arena, count ? text : lethe_state_kind(state));
}

static const char *figure_words(struct lethe_fill *fill, const struct lethe_state *state)
{
    static const struct {
        const char *name, *set, *figure;
        enum lethe_figure_kind kind;
    } figures[] = {{"held-out ", "report", "accuracy", LETHE_FIGURE_PERCENT},
                   {"AUC ", "attack", "auc", LETHE_FIGURE_FRACTION},
                   {"KL ", "kl", "forget", LETHE_FIGURE_LOSS}};
    char text[LETHE_FILL_TEXT] = "", number[LETHE_FORMAT_ROOM];
    size_t used = 0;
    for (size_t k = 0; k < sizeof figures / sizeof *figures && used < sizeof text; k++) {
        const double value = lethe_plots_of(state, figures[k].set, figures[k].figure, "now");
        if (isnan(value))
            continue;
        lethe_format_figure(number, value, figures[k].kind);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s%s", used ? "  " : "",
                                 figures[k].name, number);
    }
    return *text ? lethe_arena_strdup(&fill->arena, text) : NULL;
}

static const char *branch_words(struct lethe_fill *fill, const struct lethe_session *session,
                                const struct lethe_state *state)
{
    char text[LETHE_FILL_TEXT] = "";
    size_t used = 0;
    for (size_t k = 0; k < lethe_session_branch_count(session) && used < sizeof text; k++) {
        struct lethe_state *at = NULL;
        const char *name = lethe_session_branch_name(session, k, &at);
        if (at == state)
            used +=
                (size_t)snprintf(text + used, sizeof text - used, "%s%s", used ? " " : "", name);
    }
    return *text ? lethe_arena_strdup(&fill->arena, text) : NULL;
}

/* Newest state that comes after the head, or the head: where lane 0 begins. */
static const struct lethe_state *tip(const struct lethe_session *session)
{
    const struct lethe_state *head = lethe_session_head(session);
    for (size_t k = lethe_session_count(session); k-- > 0;)
        if (precedes(head, lethe_session_state(session, k)))
            return lethe_session_state(session, k);
    return head;
}

/* Gives a state its lane; open holds what each lane waits for. */
static void place(struct lethe_view_commit *row, const struct lethe_state *open[LANES],
                  const struct lethe_state *state)
{
    int lane = 0;
    while (lane < LANES - 1 && open[lane] != state)
        lane++;
    if (open[lane] != state) { /* the end of a line nobody waits for */
        lane = 1;
        while (lane < LANES - 1 && open[lane])
            lane++;
    }
    row->lane = lane;
    for (int k = 0; k < LANES; k++) {
        if (k == lane)
            continue;
        if (open[k] == state) {
            row->joins |= 1u << k;
            open[k] = NULL;
        } else if (open[k]) {
            row->lanes |= 1u << k;
        }
    }
    open[lane] = lethe_state_parent(state);
}

void lethe_fill_history(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    const struct lethe_session *session = wb->session;
    size_t count = fill->anew && session ? lethe_session_count(session) : 0;
    struct lethe_view_commit *rows = lethe_arena_alloc(&fill->arena, count, sizeof *rows);
    if (!count || !rows)
        return;
    const struct lethe_state *head = lethe_session_head(session), *open[LANES] = {tip(session)};
    for (size_t k = 0; k < count; k++) {
        const struct lethe_state *state = lethe_session_state(session, count - 1 - k);
        struct lethe_view_commit *row = &rows[k];
        char id[9];
        snprintf(id, sizeof id, "%.8s", lethe_state_id(state));
        place(row, open, state);
        row->id = lethe_arena_strdup(&fill->arena, id);
        row->message = lethe_state_message(state);
        row->forget = forget_words(fill, state);
        row->figures = figure_words(fill, state);
        row->branches = branch_words(fill, session, state);
        row->head = state == head;
        row->undone = !precedes(state, head);
        if (!row->id || !row->forget)
            return; /* no memory: no history rather than half of it */
    }
    fill->view.commits = rows;
    fill->view.commit_count = count;
}
