/* SPDX-License-Identifier: MIT
 * The list of commands, in the order help shows them. A row stands beside its code in cmd_*.c; only
 * the executor, completion and the skins read this list, so that no row leads back to it. */
#include "cmd/registry.h"

#include "cmd/commands.h"

#define ROW(name)   &lethe_command_##name,
#define COUNT(name) +1
static const struct lethe_command *const commands[] = {LETHE_COMMANDS(ROW)};
_Static_assert(sizeof commands / sizeof *commands == (0 LETHE_COMMANDS(COUNT)),
               "a command without a row");

const struct lethe_command_list lethe_command_registry = {
    .at = commands,
    .count = sizeof commands / sizeof *commands,
};
