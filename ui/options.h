/* SPDX-License-Identifier: MIT
 * The options of the command line as rows: usage, manual page and the shells' completions are
 * written from them. */
#ifndef LETHE_UI_OPTIONS_H
#define LETHE_UI_OPTIONS_H

#include "base/text.h"
#include "text/command.h"

enum lethe_option_takes {
    LETHE_OPTION_NOTHING,
    LETHE_OPTION_WORD, /* a number, a name */
    LETHE_OPTION_FILE,
    LETHE_OPTION_FOLDER,
    LETHE_OPTION_COMMANDS /* command lines of lethe */
};

struct lethe_option_row {
    const char *flag, *argument; /* argument NULL: none */
    enum lethe_option_takes takes;
    const char *help; /* as usage has it */
};

extern const struct lethe_option_row lethe_option_rows[];
extern const size_t lethe_option_count;

void lethe_usage(struct lethe_text *out);
/* The manual page lethe(1) in man(7) macros. */
void lethe_manual(struct lethe_text *out, const struct lethe_command_list *list);
/* What a shell needs to complete options, files, and inside -c '...' commands, their arguments and
 * choices. 0 when the shell ("bash", "zsh") is not known. */
int lethe_shell_completion(struct lethe_text *out, const char *shell,
                           const struct lethe_command_list *list);

#endif
