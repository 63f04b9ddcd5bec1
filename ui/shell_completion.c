/* SPDX-License-Identifier: MIT
 * Completions for bash and zsh. Both complete the options and the files of the command line; inside
 * the quoted text after -c they complete commands, keys and choices, from the same rows as help. */
#include <string.h>

#include "text/args.h"
#include "ui/options.h"

static void add_option_words(struct lethe_text *out)
{
    for (size_t i = 0; i < lethe_option_count; i++)
        lethe_text_addf(out, "%s ", lethe_option_rows[i].flag);
    lethe_text_add(out, "--version --help --man");
}

/* Flags of one kind of argument, as a pattern of `case`. */
static void add_flags(struct lethe_text *out, enum lethe_option_takes takes)
{
    const char *between = "";
    for (size_t i = 0; i < lethe_option_count; i++)
        if (lethe_option_rows[i].takes == takes) {
            lethe_text_addf(out, "%s%s", between, lethe_option_rows[i].flag);
            between = "|";
        }
}

/* Words an argument may be: its key, its choices, both as key=choice. */
static void add_argument_words(struct lethe_text *out, const struct lethe_arg_spec *spec)
{
    const int keyed = (spec->flags & LETHE_ARG_KEYED) != 0;
    char word[64];
    if (keyed && spec->kind != LETHE_ARG_CHOICE)
        lethe_text_addf(out, " %s=", spec->name);
    for (size_t k = 0;
         spec->kind == LETHE_ARG_CHOICE && lethe_arg_choice(spec, k, word, sizeof word); k++)
        lethe_text_addf(out, " %s%s%s", keyed ? spec->name : "", keyed ? "=" : "", word);
}

/* A function that prints the words that may follow a command, one case a command. */
static void add_words_of(struct lethe_text *out, const struct lethe_command_list *list)
{
    lethe_text_add(out, "_lethe_words() {\n    case $1 in\n");
    for (size_t i = 0; i < list->count; i++) {
        const struct lethe_command *command = list->at[i];
        struct lethe_text words = {0};
        for (size_t a = 0; a < command->arg_count; a++)
            add_argument_words(&words, &command->args[a]);
        if (words.length)
            lethe_text_addf(out, "    %s) echo '%s' ;;\n", command->name,
                            lethe_text_get(&words) + 1);
        lethe_text_release(&words);
    }
    lethe_text_add(out, "    esac\n}\n\n_lethe_commands='");
    for (size_t i = 0; i < list->count; i++)
        lethe_text_addf(out, "%s%s", i ? " " : "", list->at[i]->name);
    lethe_text_add(out, "'\n\n");
}

/* $1: the text of -c so far. Sets `before`, what stays, and `offers`, what may stand at its end. */
static const char inside[] = "_lethe_inside() {\n"
                             "    local text=$1 line command\n"
                             "    before=${text%\"${text##*[ ;]}\"}\n"
                             "    line=${text##*;}\n"
                             "    line=${line#\"${line%%[! ]*}\"}\n"
                             "    command=${line%% *}\n"
                             "    if [ \"$command\" = \"$line\" ]; then offers=$_lethe_commands\n"
                             "    else offers=$(_lethe_words \"$command\"); fi\n"
                             "}\n\n";

static const char bash_head[] = "_lethe() {\n"
                                "    local cur=${COMP_WORDS[COMP_CWORD]} "
                                "prev=${COMP_WORDS[COMP_CWORD-1]} quote= before offers w\n"
                                "    COMPREPLY=()\n"
                                "    case $prev in\n";

static const char bash_tail[] =
    "    case $cur in\n"
    "    -*) COMPREPLY=($(compgen -W \"$_lethe_options\" -- \"$cur\")) ;;\n"
    "    *) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n"
    "    esac\n"
    "}\n"
    "complete -F _lethe lethe\n";

static void add_bash(struct lethe_text *out, const struct lethe_command_list *list)
{
    lethe_text_add(out, "# Completion of lethe for bash; written by 'lethe --completion bash'.\n");
    add_words_of(out, list);
    lethe_text_add(out, "_lethe_options='");
    add_option_words(out);
    lethe_text_addf(out, "'\n\n%s%s    ", inside, bash_head);
    add_flags(out, LETHE_OPTION_COMMANDS);
    lethe_text_add(
        out, ")\n"
             "        case $cur in [\\\"\\']*) quote=${cur%\"${cur#?}\"}; cur=${cur#?} ;; esac\n"
             "        _lethe_inside \"$cur\"\n"
             "        for w in $offers; do\n"
             "            case $before$w in \"$cur\"*) "
             "COMPREPLY+=(\"$quote$before$w\") ;; esac\n"
             "        done\n"
             "        compopt -o nospace 2>/dev/null; return ;;\n    ");
    add_flags(out, LETHE_OPTION_FOLDER);
    lethe_text_add(out, ") compopt -o filenames 2>/dev/null; "
                        "COMPREPLY=($(compgen -d -- \"$cur\")); return ;;\n    ");
    lethe_text_add(
        out, "--completion) COMPREPLY=($(compgen -W 'bash zsh' -- \"$cur\")); return ;;\n    ");
    add_flags(out, LETHE_OPTION_WORD);
    lethe_text_addf(out, ") return ;;\n    esac\n%s", bash_tail);
}

/* A word of _arguments: "--seed[help]:N:". */
static void add_zsh_option(struct lethe_text *out, const struct lethe_option_row *row)
{
    static const char *const actions[] = {[LETHE_OPTION_WORD] = "",
                                          [LETHE_OPTION_FILE] = "_files",
                                          [LETHE_OPTION_FOLDER] = "_files -/",
                                          [LETHE_OPTION_COMMANDS] = "_lethe_line"};
    lethe_text_addf(out, " \\\n        '%s[", row->flag);
    for (const char *c = row->help; *c; c++)
        lethe_text_addf(out, *c == '\'' ? "'\\%c'" : "%c", *c);
    lethe_text_add(out, "]");
    if (row->argument)
        lethe_text_addf(out, ":%s:%s", row->argument,
                        strcmp(row->flag, "--completion") == 0 ? "(bash zsh)"
                                                               : actions[row->takes]);
    lethe_text_add(out, "'");
}

static void add_zsh(struct lethe_text *out, const struct lethe_command_list *list)
{
    lethe_text_add(out, "#compdef lethe\n"
                        "# Completion of lethe for zsh; written by 'lethe --completion zsh'.\n");
    add_words_of(out, list);
    lethe_text_addf(out,
                    "%s_lethe_line() {\n"
                    "    local before offers\n"
                    "    _lethe_inside \"${(Q)PREFIX}\"\n"
                    "    compset -P '*[ ;]'\n"
                    "    compadd -Q -S '' -- ${=offers}\n"
                    "}\n\n_lethe() {\n    _arguments",
                    inside);
    for (size_t i = 0; i < lethe_option_count; i++)
        add_zsh_option(out, &lethe_option_rows[i]);
    lethe_text_add(out, " \\\n        '--version[print and end]' '--help[print and end]' "
                        "'--man[print and end]' \\\n        '*:bundle or model:_files'\n}\n\n"
                        "_lethe \"$@\"\n");
}

int lethe_shell_completion(struct lethe_text *out, const char *shell,
                           const struct lethe_command_list *list)
{
    if (strcmp(shell, "bash") == 0)
        add_bash(out, list);
    else if (strcmp(shell, "zsh") == 0)
        add_zsh(out, list);
    else
        return 0;
    return 1;
}
