/* SPDX-License-Identifier: MIT
 * Capabilities: the console of Linux has the block characters of its font but no braille. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ui/term/probe.h"

const char *lethe_probe_refusal(const struct lethe_terminal_facts *facts)
{
    if (!facts->is_terminal)
        return "the workbench needs a terminal on input and output; use 'lethe -c' or '-f' in "
               "scripts";
    if (!facts->term || !*facts->term)
        return "TERM is not set: set it (for example to xterm-256color) or leave out --tui";
    if (!facts->known)
        return "this machine does not know the terminal named by TERM; set TERM=xterm or leave out "
               "--tui";
    if (!facts->addressable)
        return "this terminal cannot move its cursor; leave out --tui and use the prompt";
    return NULL;
}

/* "ESC [ ? 62 ; 4 ; 22 c": the first number is the class of the terminal, 4 among the others is
 * sixel. */
int lethe_probe_sixel(const char *answer)
{
    const char *at = strstr(answer, "\033[?");
    for (at = at ? strchr(at, ';') : NULL; at; at = strchr(at + 1, ';')) {
        char *end = NULL;
        if (strtol(at + 1, &end, 10) == 4 && (*end == ';' || *end == 'c'))
            return 1;
    }
    return 0;
}

struct lethe_display lethe_probe_display(const struct lethe_terminal_facts *facts)
{
    struct lethe_display display = {LETHE_ASCII, 0};
    int utf8 = facts->codeset && (strcasecmp(facts->codeset, "UTF-8") == 0 ||
                                  strcasecmp(facts->codeset, "UTF8") == 0);
    if (utf8)
        display.charset =
            facts->term && strcmp(facts->term, "linux") == 0 ? LETHE_BLOCKS : LETHE_BRAILLE;
    if (!facts->no_color)
        display.colours = facts->colours >= 256 ? 256 : facts->colours >= 8 ? 8 : 0;
    return display;
}
