/* SPDX-License-Identifier: MIT
 * The palette: commands, or unlearning methods, found by some of their letters. What is chosen is
 * handed back. */
#include <stdio.h>
#include <string.h>

#include "ui/desk.h"
#include "ui/fuzzy.h"

static const struct lethe_view_entry *offers(const struct lethe_desk *desk, size_t *count)
{
    if (desk->offers == LETHE_PALETTE_COMMANDS)
        return desk->host->commands(desk->host->self, count);
    *count = desk->view->method_count;
    return desk->view->methods;
}

static void match(struct lethe_desk *desk)
{
    int scores[LETHE_DESK_MATCHES];
    size_t count = 0, offered = 0;
    const struct lethe_view_entry *commands = offers(desk, &offered);
    for (size_t k = 0; k < offered; k++) {
        int score = lethe_fuzzy_score(desk->palette.text, commands[k].name);
        int by_help =
            lethe_fuzzy_score(desk->palette.text, commands[k].help ? commands[k].help : "");
        if (by_help >= 0 && by_help / 2 > score) /* a command's own name counts more */
            score = by_help / 2;
        if (score < 0)
            continue;
        size_t at = count < LETHE_DESK_MATCHES ? count++ : LETHE_DESK_MATCHES - 1;
        for (; at > 0 && scores[at - 1] < score; at--) { /* equal ones keep the table's order */
            scores[at] = scores[at - 1];
            desk->matches[at] = desk->matches[at - 1];
        }
        scores[at] = score;
        desk->matches[at] = commands[k];
    }
    desk->screen.entries = desk->matches;
    desk->screen.entry_count = count;
    desk->screen.entry_cursor = 0;
}

static void open_palette(struct lethe_desk *desk, int offer, const char *title)
{
    lethe_input_set(&desk->palette, "");
    desk->offers = offer;
    desk->screen.overlay = LETHE_OVERLAY_PALETTE;
    desk->screen.title = title;
    match(desk);
}

void lethe_desk_palette_open(struct lethe_desk *desk)
{
    open_palette(desk, LETHE_PALETTE_COMMANDS, "Commands");
}

/* The cursor begins at the one that is set. */
void lethe_desk_methods_open(struct lethe_desk *desk)
{
    open_palette(desk, LETHE_PALETTE_METHODS, "Method of the removal");
    for (size_t k = 0; k < desk->screen.entry_count; k++)
        if (*desk->matches[k].key)
            desk->screen.entry_cursor = k;
}

/* A command without arguments is to be run, one with arguments goes on the line. */
static enum lethe_desk_wish choose(struct lethe_desk *desk, char line[LETHE_INPUT_ROOM + 1])
{
    struct lethe_screen *screen = &desk->screen;
    screen->overlay = LETHE_OVERLAY_NONE;
    if (screen->entry_cursor >= screen->entry_count)
        return LETHE_WISH_NONE;
    const struct lethe_view_entry *entry = &screen->entries[screen->entry_cursor];
    size_t length = strcspn(entry->name, " ");
    if (desk->offers == LETHE_PALETTE_METHODS) {
        snprintf(line, LETHE_INPUT_ROOM + 1, "method %s", entry->name);
        return LETHE_WISH_RUN;
    }
    snprintf(line, LETHE_INPUT_ROOM + 1, "%.*s%s", (int)length, entry->name,
             entry->name[length] ? " " : "");
    if (entry->off) {
        lethe_desk_say(desk, 1, "%s: %s", line, entry->off);
        return LETHE_WISH_NONE;
    }
    return entry->name[length] ? LETHE_WISH_TYPE : LETHE_WISH_RUN;
}

enum lethe_desk_wish lethe_desk_palette_key(struct lethe_desk *desk, struct lethe_key key,
                                            char line[LETHE_INPUT_ROOM + 1])
{
    struct lethe_screen *screen = &desk->screen;
    switch (key.code) {
    case LETHE_KEY_ESC:
    case LETHE_CTRL('c'):
        screen->overlay = LETHE_OVERLAY_NONE;
        break;
    case LETHE_KEY_ENTER:
        return choose(desk, line);
    case LETHE_KEY_UP:
    case LETHE_CTRL('p'):
    case LETHE_KEY_WHEEL_UP:
        screen->entry_cursor -= screen->entry_cursor > 0;
        break;
    case LETHE_KEY_DOWN:
    case LETHE_KEY_TAB:
    case LETHE_CTRL('n'):
    case LETHE_KEY_WHEEL_DOWN:
        screen->entry_cursor += screen->entry_cursor + 1 < screen->entry_count;
        break;
    default:
        if (lethe_input_key(&desk->palette, key.code))
            match(desk);
    }
    return LETHE_WISH_NONE;
}
