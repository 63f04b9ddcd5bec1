/* SPDX-License-Identifier: MIT
 * The list of commands, in the order help shows them. A row stands beside its code in cmd_*.c. */
#include "cmd/command.h"

#include <string.h>
#include "cmd/commands.h"
#include "text/nearest.h"

#define ROW(name)   &lethe_command_##name,
#define COUNT(name) +1
static const struct lethe_command *const commands[] = {LETHE_COMMANDS(ROW)};
_Static_assert(sizeof commands / sizeof *commands == (0 LETHE_COMMANDS(COUNT)),
               "a command without a row");

static const char *const groups[] = {
    [LETHE_GROUP_MODEL] = "model",   [LETHE_GROUP_TRAIN] = "train",
    [LETHE_GROUP_FORGET] = "forget", [LETHE_GROUP_SELECT] = "select",
    [LETHE_GROUP_UPDATE] = "update", [LETHE_GROUP_DECIDE] = "decide",
    [LETHE_GROUP_LOOK] = "look",     [LETHE_GROUP_TOOLS] = "tools on plain arrays",
    [LETHE_GROUP_OTHER] = "other",
};
_Static_assert(sizeof groups / sizeof *groups == LETHE_GROUP_COUNT, "a group without a name");

size_t lethe_command_count(void)
{
    return sizeof commands / sizeof *commands;
}

const struct lethe_command *lethe_command_at(size_t index)
{
    return commands[index];
}

const char *lethe_group_name(enum lethe_group group)
{
    return groups[group];
}

const struct lethe_command *lethe_command_find(const char *name, struct lethe_error *err)
{
    struct lethe_nearest guess;
    lethe_nearest_init(&guess, name);
    for (size_t i = 0; i < lethe_command_count(); i++) {
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
        lethe_nearest_offer(&guess, commands[i]->name);
    }
    if (guess.best)
        lethe_fail(err, LETHE_EARG, "unknown command '%s': did you mean '%s'?", name, guess.best);
    else
        lethe_fail(err, LETHE_EARG, "unknown command '%s': 'help' lists all", name);
    return NULL;
}
