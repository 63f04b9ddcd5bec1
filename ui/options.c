/* SPDX-License-Identifier: MIT
 * The rows of the options, and the usage text made of them. */
#include "ui/options.h"

const struct lethe_option_row lethe_option_rows[] = {
    {"-c", "COMMANDS", LETHE_OPTION_COMMANDS, "run the commands and end"},
    {"-f", "FILE", LETHE_OPTION_FILE, "run the commands in a file and end"},
    {"-", NULL, LETHE_OPTION_NOTHING, "run the commands from standard input"},
    {"-i", NULL, LETHE_OPTION_NOTHING, "stay at the prompt afterwards"},
    {"--tui", NULL, LETHE_OPTION_NOTHING, "full screen"},
    {"--present", NULL, LETHE_OPTION_NOTHING,
     "full screen for an audience: one pane, larger spacing"},
    {"--json", NULL, LETHE_OPTION_NOTHING, "one JSON object per command and line"},
    {"--seed", "N", LETHE_OPTION_WORD, "seed of everything random (0)"},
    {"--threads", "N", LETHE_OPTION_WORD,
     "threads of background work; results do not depend on it"},
    {"--session", "FOLDER", LETHE_OPTION_FOLDER,
     "keep the session there; it is opened when it exists"},
    {"--plain", NULL, LETHE_OPTION_NOTHING,
     "ASCII only, no colour; the full screen in sentences, for screen readers"},
    {"--no-color", NULL, LETHE_OPTION_NOTHING, "no colour (also with NO_COLOR set)"},
    {"--no-rc", NULL, LETHE_OPTION_NOTHING, "do not run the start file"},
    {"--keep-going", NULL, LETHE_OPTION_NOTHING, "a script goes on after a command that failed"},
    {"--completion", "SHELL", LETHE_OPTION_WORD, "print what bash or zsh needs to complete lethe"},
};
const size_t lethe_option_count = sizeof lethe_option_rows / sizeof *lethe_option_rows;

void lethe_usage(struct lethe_text *out)
{
    lethe_text_add(out, "usage: lethe [options] [BUNDLE | MODEL.onnx]\n"
                        "       lethe lesson [NUMBER]   learn by doing; 1 is the first\n\n");
    for (size_t i = 0; i < lethe_option_count; i++) {
        const struct lethe_option_row *row = &lethe_option_rows[i];
        struct lethe_text flag = {0};
        lethe_text_addf(&flag, "%s%s%s", row->flag, row->argument ? " " : "",
                        row->argument ? row->argument : "");
        lethe_text_addf(out, "  %-18s %s\n", lethe_text_get(&flag), row->help);
        lethe_text_release(&flag);
    }
    lethe_text_add(out, "  --version, --help, --man\n\n"
                        "Without -c, -f and - a terminal gets the prompt: 'help' there lists the "
                        "commands.\n");
}
