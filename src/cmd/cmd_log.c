/* SPDX-License-Identifier: MIT
 * log: the commits, newest first. */
#include "cmd/commands.h"
#include "workbench/workbench.h"

enum { SHORT_ID = 10 };

/* A state that was committed more than once: what was said the other times. */
static void put_earlier(struct lethe_value *item, const struct lethe_state *state)
{
    const size_t acts = lethe_state_acts(state);
    if (acts < 2)
        return;
    struct lethe_value *list = lethe_hint(lethe_put_list(item, "earlier"), LETHE_HINT_QUIET);
    for (size_t i = 1; i < acts; i++) {
        int64_t time;
        const char *message = lethe_state_act(state, i, &time);
        struct lethe_value *act = lethe_put_object(list, NULL);
        lethe_put_time(act, "time", time);
        lethe_put_text(act, "message", message);
    }
}

static enum lethe_err run_log(struct lethe_call *call, struct lethe_error *err)
{
    enum lethe_err code = lethe_workbench_need_session(call->wb, err);
    if (code)
        return code;
    const struct lethe_session *session = call->wb->session;
    const struct lethe_state *head = lethe_session_head(session);
    struct lethe_value *list = lethe_put_list(call->out, "states");
    for (size_t i = lethe_session_count(session); i-- > 0;) {
        const struct lethe_state *state = lethe_session_state(session, i);
        const struct lethe_state *parent = lethe_state_parent(state);
        size_t count = 0;
        const size_t *ids = lethe_state_forget(state, &count);
        struct lethe_value *item = lethe_put_object(list, NULL);
        lethe_put_text(item, "at", state == head ? "*" : "");
        lethe_hint(lethe_put_text(item, "id", lethe_state_id(state)), LETHE_HINT_QUIET);
        lethe_put_textf(item, "state", "%.*s", SHORT_ID, lethe_state_id(state));
        lethe_put_textf(item, "after", "%.*s", SHORT_ID, parent ? lethe_state_id(parent) : "");
        lethe_put_text(item, "kind", lethe_state_kind(state));
        lethe_put_time(item, "time", lethe_state_time(state));
        lethe_put_count(item, "samples", count);
        lethe_put_count(item, "weights", lethe_state_changed(state));
        lethe_put_text(item, "message", lethe_state_message(state));
        lethe_hint(lethe_put_ids(item, "forget", ids, count), LETHE_HINT_QUIET);
        put_earlier(item, state);
    }
    return LETHE_OK;
}

const struct lethe_command lethe_command_log = {
    .name = "log",
    .group = LETHE_GROUP_DECIDE,
    .summary = "List the commits, newest first",
    .run = run_log,
};
