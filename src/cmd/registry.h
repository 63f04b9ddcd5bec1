/* SPDX-License-Identifier: MIT
 * All commands of the program. */
#ifndef LETHE_CMD_REGISTRY_H
#define LETHE_CMD_REGISTRY_H

#include "text/command.h"

extern const struct lethe_command_list lethe_command_registry;

#endif
