/* SPDX-License-Identifier: MIT
 * Help on screen, from the rows of the commands. */
#include "text/command.h"

#include <string.h>

static void add_argument(struct lethe_text *out, const struct lethe_arg_spec *spec)
{
    int needed = spec->flags & LETHE_ARG_NEEDED;
    const char *more = spec->flags & LETHE_ARG_MANY ? "..." : "";
    lethe_text_add(out, needed ? " " : " [");
    if (spec->flags & LETHE_ARG_KEYED)
        lethe_text_addf(out, "%s=", spec->name);
    if (spec->kind == LETHE_ARG_CHOICE && spec->choices && strlen(spec->choices) < 40)
        lethe_text_add(out, spec->choices);
    else if (!(spec->flags & LETHE_ARG_KEYED))
        lethe_text_add(out, spec->name);
    else
        lethe_text_add(out, spec->kind == LETHE_ARG_INT    ? "N"
                            : spec->kind == LETHE_ARG_REAL ? "X"
                            : spec->kind == LETHE_ARG_PATH ? "PATH"
                                                           : "WORD");
    lethe_text_addf(out, "%s%s", more, needed ? "" : "]");
}

void lethe_command_usage(struct lethe_text *out, const struct lethe_command *command)
{
    lethe_text_add(out, command->name);
    for (size_t i = 0; i < command->arg_count; i++)
        add_argument(out, &command->args[i]);
}

static const char *bold(const struct lethe_look *look)
{
    return look->ansi ? "\033[1m" : "";
}

static const char *plain(const struct lethe_look *look)
{
    return look->ansi ? "\033[0m" : "";
}

void lethe_help_overview(struct lethe_text *out, const struct lethe_command_list *list,
                         const struct lethe_look *look)
{
    for (int group = 0; group < LETHE_GROUP_COUNT; group++) {
        int first = 1;
        for (size_t i = 0; i < list->count; i++) {
            const struct lethe_command *command = list->at[i];
            if ((int)command->group != group)
                continue;
            if (first)
                lethe_text_addf(out, "%s%s%s%s\n", group ? "\n" : "", bold(look),
                                lethe_group_name(command->group), plain(look));
            first = 0;
            lethe_text_addf(out, "  %-12s %s\n", command->name, command->summary);
        }
    }
    lethe_text_add(out,
                   "\n'help COMMAND' tells more. Commands end at ';' or at the end of a line;\n"
                   "'#' begins a comment, '&' at the end sends a command to the background.\n");
}

/* Words of a text, broken before `width`; its first line begins `first` after the `taken` columns
 * that are filled, the others at `indent`. Line ends in the text stay. */
static void add_beside(struct lethe_text *out, const char *text, size_t taken, size_t first,
                       size_t indent, size_t width)
{
    size_t column = 0, margin = first;
    for (; *text; text += strspn(text, " ")) {
        size_t length = strcspn(text, " \n");
        if (*text == '\n' || (column && taken + column + 1 + length > width)) {
            lethe_text_add(out, "\n");
            column = taken = 0;
            margin = indent;
        }
        if (*text == '\n') {
            text++;
            continue;
        }
        lethe_text_add_char(out, ' ', column ? 1 : margin);
        lethe_text_add_bytes(out, text, length);
        column += (column ? 1 : margin) + length;
        text += length;
    }
    lethe_text_add(out, "\n");
}

static void add_paragraph(struct lethe_text *out, const char *text, size_t first, size_t indent,
                          size_t width)
{
    add_beside(out, text, 0, first, indent, width);
}

static void add_argument_line(struct lethe_text *out, const struct lethe_arg_spec *spec,
                              size_t column)
{
    char allowed[300];
    struct lethe_text name = {0};
    lethe_text_addf(&name, "%s%s", spec->name, spec->flags & LETHE_ARG_KEYED ? "=" : "");
    lethe_text_addf(out, "  %-*s", (int)column, lethe_text_get(&name));
    lethe_text_release(&name);
    add_beside(out, spec->help, column + 2, 1, column + 3, 80);
    int told = spec->kind == LETHE_ARG_CHOICE || spec->kind == LETHE_ARG_INT ||
               spec->kind == LETHE_ARG_REAL;
    if (!told)
        return;
    lethe_arg_describe(spec, allowed, sizeof allowed);
    add_paragraph(out, allowed, column + 3, column + 3, 80);
}

static void add_entries(struct lethe_text *out, const struct lethe_command *command,
                        const struct lethe_look *look)
{
    const char *name, *meaning;
    lethe_text_addf(out, "\n%s%s%s\n", bold(look), command->entries, plain(look));
    for (size_t n = 0; command->entry(n, &name, &meaning); n++) {
        lethe_text_addf(out, "  %s\n", name);
        add_paragraph(out, meaning, 4, 4, 80);
    }
}

void lethe_help_command(struct lethe_text *out, const struct lethe_command *command,
                        const struct lethe_look *look)
{
    size_t width = look->width ? look->width : 80;
    struct lethe_text usage = {0}, summary = {0};
    lethe_command_usage(&usage, command);
    lethe_text_add(out, bold(look));
    add_paragraph(out, lethe_text_get(&usage), 0, strlen(command->name) + 1, 80);
    lethe_text_addf(out, "%s\n", plain(look));
    lethe_text_release(&usage);
    lethe_text_addf(&summary, "%s.", command->summary);
    if (command->detail)
        lethe_text_addf(&summary, "\n\n%s", command->detail);
    add_paragraph(out, lethe_text_get(&summary), 2, 2, width < 80 ? width : 80);
    lethe_text_release(&summary);
    if (command->arg_count)
        lethe_text_addf(out, "\n%sarguments%s\n", bold(look), plain(look));
    size_t column = 12;
    for (size_t i = 0; i < command->arg_count; i++)
        if (strlen(command->args[i].name) + 1 > column)
            column = strlen(command->args[i].name) + 1;
    for (size_t i = 0; i < command->arg_count; i++)
        add_argument_line(out, &command->args[i], column);
    if (command->entry)
        add_entries(out, command, look);
    if (!command->examples)
        return;
    lethe_text_addf(out, "\n%sexamples%s\n", bold(look), plain(look));
    for (const char *line = command->examples; *line;) {
        size_t length = strcspn(line, "\n");
        lethe_text_addf(out, "  %.*s\n", (int)length, line);
        line += length + (line[length] == '\n');
    }
}
