/* SPDX-License-Identifier: MIT
 * Finding a command in a list by its name, the names of the groups help shows, and the work a
 * command leaves to a lane. */
#include "text/command.h"

#include <string.h>
#include "text/nearest.h"

static const char *const groups[] = {
    [LETHE_GROUP_MODEL] = "model",   [LETHE_GROUP_TRAIN] = "train",
    [LETHE_GROUP_FORGET] = "forget", [LETHE_GROUP_SELECT] = "select",
    [LETHE_GROUP_UPDATE] = "update", [LETHE_GROUP_DECIDE] = "decide",
    [LETHE_GROUP_LOOK] = "look",     [LETHE_GROUP_TOOLS] = "tools on plain arrays",
    [LETHE_GROUP_OTHER] = "other",
};
_Static_assert(sizeof groups / sizeof *groups == LETHE_GROUP_COUNT, "a group without a name");

const char *lethe_group_name(enum lethe_group group)
{
    return groups[group];
}

const struct lethe_command *lethe_command_find(const struct lethe_command_list *list,
                                               const char *name, struct lethe_error *err)
{
    struct lethe_nearest guess;
    lethe_nearest_init(&guess, name);
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->at[i]->name, name) == 0)
            return list->at[i];
        lethe_nearest_offer(&guess, list->at[i]->name);
    }
    if (guess.best)
        lethe_fail(err, LETHE_EARG, "unknown command '%s': did you mean '%s'?", name, guess.best);
    else
        lethe_fail(err, LETHE_EARG, "unknown command '%s': 'help' lists all", name);
    return NULL;
}

void lethe_call_task(struct lethe_call *call, lethe_task_run *run, lethe_task_finish *finish,
                     void (*release)(void *arg), void *arg)
{
    call->task = (struct lethe_task){.run = run,
                                     .finish = finish,
                                     .release = release,
                                     .arg = arg,
                                     .lane = LETHE_LANE_INTERACTIVE};
}
