/* SPDX-License-Identifier: MIT
 * The manual page lethe(1), from the rows of the options and of the commands. */
#include <ctype.h>

#include "ui/options.h"

/* Text of a manual page: a line must not begin with a dot or a quote, '-' and '\' are escaped. */
static void add_roff(struct lethe_text *out, const char *text)
{
    int start = 1;
    for (const char *c = text; *c; c++) {
        if (start && (*c == '.' || *c == '\''))
            lethe_text_add(out, "\\&");
        if (*c == '\\')
            lethe_text_add(out, "\\e");
        else if (*c == '-')
            lethe_text_add(out, "\\-");
        else
            lethe_text_add_bytes(out, c, 1);
        start = *c == '\n';
    }
}

static const char head[] =
    ".TH LETHE 1\n.SH NAME\nlethe \\- workbench for machine unlearning\n.SH SYNOPSIS\n"
    ".B lethe\n[options] [BUNDLE | MODEL.onnx]\n.SH DESCRIPTION\n"
    "Loads a trained network and its data, shows which units a training sample is tied to "
    "(L\\-CODEC, L\\-FOCI), removes the sample by a step on those units, and sets the result "
    "beside "
    "retraining without it. On a terminal it answers at a prompt, with \\-\\-tui on a full screen; "
    "with \\-c, \\-f or \\- it runs a script. While a command is at work, standard error says at "
    "what and how long the rest will take, when it is a terminal; pipes and files get results and "
    "errors alone.\n.SH OPTIONS\n";

static void add_options(struct lethe_text *out)
{
    for (size_t i = 0; i < lethe_option_count; i++) {
        const struct lethe_option_row *row = &lethe_option_rows[i];
        lethe_text_add(out, ".TP\n\\fB");
        add_roff(out, row->flag);
        lethe_text_addf(out, "\\fR%s%s\n", row->argument ? " " : "",
                        row->argument ? row->argument : "");
        const char first[2] = {(char)toupper((unsigned char)row->help[0]), 0};
        lethe_text_add(out, first);
        add_roff(out, row->help + 1);
        lethe_text_add(out, ".\n");
    }
    lethe_text_add(out, ".TP\n\\fB\\-\\-version\\fR, \\fB\\-\\-help\\fR, \\fB\\-\\-man\\fR\n"
                        "Print and end.\n");
}

static const char tail[] =
    ".SH EXIT STATUS\n0 success; 1 a command failed; 2 wrong options; 3 a file is not what it "
    "should be; 4 input, output or memory; 5 numerical; 130 cancelled; 70 a mistake of lethe.\n"
    ".SH FILES\n$XDG_CONFIG_HOME/lethe/rc is run first; $XDG_STATE_HOME/lethe/history holds the "
    "lines typed.\n";

void lethe_manual(struct lethe_text *out, const struct lethe_command_list *list)
{
    lethe_text_add(out, head);
    add_options(out);
    lethe_text_add(out, ".SH COMMANDS\n");
    for (size_t i = 0; i < list->count; i++) {
        const struct lethe_command *command = list->at[i];
        struct lethe_text usage = {0};
        lethe_command_usage(&usage, command);
        lethe_text_add(out, ".TP\n.B ");
        add_roff(out, lethe_text_get(&usage));
        lethe_text_add(out, "\n");
        add_roff(out, command->summary);
        lethe_text_add(out, ".\n");
        if (command->detail) {
            add_roff(out, command->detail);
            lethe_text_add(out, "\n");
        }
        for (size_t a = 0; a < command->arg_count; a++) {
            lethe_text_add(out, ".br\n");
            add_roff(out, command->args[a].name);
            lethe_text_add(out, ": ");
            add_roff(out, command->args[a].help);
            lethe_text_add(out, "\n");
        }
        lethe_text_release(&usage);
    }
    lethe_text_add(out, tail);
}
