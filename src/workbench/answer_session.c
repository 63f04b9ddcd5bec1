/* SPDX-License-Identifier: MIT
 * How the session stands, in words and as rows of an answer. */
#include "workbench/answer_session.h"

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* "2 commits, 20 samples gone already, 3 marked": what was there before this run. */
static void add_earlier(struct lethe_text *out, const struct lethe_standing *standing,
                        const struct lethe_workbench *wb)
{
    const size_t marked = wb->project.forget.count;
    lethe_text_addf(out, "%zu commit%s, %zu sample%s gone already", standing->commits,
                    plural(standing->commits), standing->gone, plural(standing->gone));
    if (marked)
        lethe_text_addf(out, ", %zu marked to be forgotten", marked);
}

void lethe_standing_put_notes(struct lethe_value *out, const struct lethe_workbench *wb)
{
    struct lethe_standing standing = {0};
    struct lethe_text text = {0};
    if (!wb->session)
        return;
    lethe_session_standing(&standing, wb->session);
    if (wb->unkept[0])
        lethe_put_note(
            out, "%s%s",
            lethe_session_reading(wb->session) ? "" : "this session is not kept: ", wb->unkept);
    if (wb->remark[0])
        lethe_put_note(out, "%s", wb->remark);
    if (standing.resumed && (standing.commits || wb->project.forget.count)) {
        add_earlier(&text, &standing, wb);
        lethe_put_note(out,
                       "going on with the session kept for this model: %s; 'log' shows it, "
                       "'checkout root' goes back to its beginning",
                       lethe_text_get(&text));
    }
    lethe_text_release(&text);
}

void lethe_standing_put(struct lethe_value *out, const struct lethe_workbench *wb)
{
    struct lethe_standing standing = {0};
    if (!wb->session)
        return;
    lethe_session_standing(&standing, wb->session);
    lethe_put_text(out, "session", lethe_session_dir(wb->session));
    lethe_put_bool(out, "kept", standing.kept);
    if (wb->unkept[0])
        lethe_put_text(out, "not_kept_because", wb->unkept);
    lethe_put_count(out, "commits", standing.commits);
    lethe_put_bool(out, "resumed", standing.resumed);
    if (standing.unsaved)
        lethe_put_count(out, "unsaved", standing.unsaved);
}

void lethe_standing_put_head(struct lethe_value *out, const struct lethe_workbench *wb)
{
    const struct lethe_state *head = lethe_session_head(wb->session);
    const char *branch = lethe_session_on(wb->session);
    lethe_put_text(out, "head", lethe_state_id(head));
    lethe_put_text(out, "kind", lethe_state_kind(head));
    lethe_put_text(out, "branch", branch[0] ? branch : NULL);
}

/* "2 commits end WHERE, because ...", "" when nothing would be lost. */
static void add_loss(struct lethe_text *out, const struct lethe_workbench *wb, const char *where)
{
    struct lethe_standing standing = {0};
    if (!wb->session)
        return;
    lethe_session_standing(&standing, wb->session);
    if (!standing.unsaved || wb->exported == lethe_session_head(wb->session))
        return;
    lethe_text_addf(out, "%zu commit%s end%s %s, because the session is not kept", standing.unsaved,
                    plural(standing.unsaved), standing.unsaved == 1 ? "s" : "", where);
    if (wb->unkept[0])
        lethe_text_addf(out, " (%s)", wb->unkept);
    lethe_text_add(out, ": 'save FOLDER' keeps it");
}

void lethe_standing_loss(struct lethe_text *out, const struct lethe_workbench *wb)
{
    add_loss(out, wb, "with this run");
}

enum lethe_err lethe_standing_leave(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    const char *name = call->command->name;
    struct lethe_text loss = {0};
    enum lethe_err code = LETHE_OK;
    add_loss(&loss, wb, wb->interactive ? "here" : "here, where a new history begins");
    if (loss.length && !wb->interactive)
        lethe_put_note(call->out, "%s", lethe_text_get(&loss));
    else if (loss.length && wb->asked_to_quit != wb->version)
        code = lethe_fail(err, LETHE_EARG, "%s; '%s' once more goes on without it",
                          lethe_text_get(&loss), name);
    wb->asked_to_quit = wb->version;
    lethe_text_release(&loss);
    return code;
}
