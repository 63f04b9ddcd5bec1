/* SPDX-License-Identifier: MIT
 * The keys of every pane: one table gives the key, the key bar, the help of `?` and the line that
 * is run. Keys of one pane are in its row (ui/view/pane.h) and come first. Rows with a command are
 * refused with the host's own reason when it cannot run. */
#include <stdio.h>
#include <string.h>

#include "ui/desk.h"
#include "ui/view/layout.h"
#include "ui/view/panes.h"

struct row {
    uint32_t code, twin;                        /* twin: a second key for the same; 0 none */
    const char *key, *label, *help;             /* label NULL: not in the key bar */
    int lists;                                  /* 1: only in panes that have a list */
    const char *command;                        /* run as it is, and asked for refusals */
    void (*act)(struct lethe_desk *, uint32_t); /* instead of running the command */
};

static void act_focus_next(struct lethe_desk *desk, uint32_t code)
{
    int step = code == LETHE_KEY_BACKTAB ? LETHE_PANES - 1 : 1;
    struct lethe_layout layout;
    struct lethe_screen unzoomed = desk->screen;
    unzoomed.zoom = 0;
    lethe_layout_make(&layout, desk->canvas.rows, desk->canvas.cols, &unzoomed);
    int pane = (int)desk->screen.focus;
    /* Zoomed, or at 80 columns where the dock shows one pane, Tab still reaches them all. */
    int everywhere = desk->screen.zoom || desk->screen.linear || layout.docked < 2;
    if (desk->screen.presenting && desk->screen.staged_count > 1) /* among those that are shown */
        everywhere = 0;
    do
        pane = (pane + step) % LETHE_PANES;
    while (!everywhere && layout.pane[pane].rows == 0);
    lethe_layout_focus(&desk->screen, desk->canvas.rows, desk->canvas.cols, (enum lethe_pane)pane);
}

static void act_slide(struct lethe_desk *desk, uint32_t code)
{
    const enum lethe_slider slider = desk->screen.slider;
    int left = code == LETHE_KEY_LEFT || code == 'h' || code == LETHE_KEY_SHIFT_LEFT || code == 'H';
    int far =
        code == 'H' || code == 'L' || code == LETHE_KEY_SHIFT_LEFT || code == LETHE_KEY_SHIFT_RIGHT;
    long steps = !far ? 1 : slider == LETHE_SLIDER_BLANKET ? 5 : 2;
    lethe_desk_slide(desk, slider, left ? -steps : steps);
}

static void act_move(struct lethe_desk *desk, uint32_t code)
{
    lethe_desk_move(desk, code == LETHE_KEY_UP || code == 'k' ? -1 : 1);
}

/* As many rows as the pane shows, less one to keep the place. */
static void act_page(struct lethe_desk *desk, uint32_t code)
{
    struct lethe_layout layout;
    lethe_layout_make(&layout, desk->canvas.rows, desk->canvas.cols, &desk->screen);
    const long page = layout.pane[desk->screen.focus].rows - 3;
    lethe_desk_move(desk, (page > 1 ? page : 1) * (code == LETHE_KEY_PAGE_UP ? -1 : 1));
}

static void act_ends(struct lethe_desk *desk, uint32_t code)
{
    lethe_desk_move(desk, code == LETHE_KEY_HOME ? -1000000000L : 1000000000L);
}

/* b goes to the one before, d to the next, round the numbers of a method. */
static void pick_param(struct lethe_desk *desk, uint32_t code)
{
    struct lethe_slider_place list[LETHE_SLIDERS_MOST];
    const size_t count = lethe_sliders_list(list, desk->view);
    if (!count)
        return;
    const size_t at = lethe_sliders_active(list, count, &desk->screen);
    const struct lethe_slider_place next = list[(at + (code == 'b' ? count - 1 : 1)) % count];
    const struct lethe_view_param *param = &desk->view->method_params[next.param];
    desk->screen.slider = next.slider;
    desk->screen.param = next.param;
    if (next.slider == LETHE_SLIDER_PARAM)
        lethe_desk_say(desk, 0, "arrows and digits now set %s: %s (published %g)", param->key,
                       param->meaning, param->usual);
    else
        lethe_desk_say(desk, 0, "arrows and digits now set the blanket size, which is the mask");
}

static void act_pick_slider(struct lethe_desk *desk, uint32_t code)
{
    if (desk->view->unlearning) {
        pick_param(desk, code);
        return;
    }
    desk->screen.slider = code == 'b' ? LETHE_SLIDER_BLANKET : LETHE_SLIDER_DAMPING;
    lethe_desk_say(desk, 0, "arrows and digits now set the %s",
                   code == 'b' ? "blanket size" : "damping");
}

static void act_commit(struct lethe_desk *desk, uint32_t code)
{
    (void)code;
    lethe_desk_type(desk, "commit ");
}

static void act_command(struct lethe_desk *desk, uint32_t code)
{
    (void)code;
    lethe_desk_type(desk, "");
}

static void act_filter(struct lethe_desk *desk, uint32_t code)
{
    (void)code;
    lethe_layout_focus(&desk->screen, desk->canvas.rows, desk->canvas.cols, LETHE_PANE_SAMPLES);
    desk->typing = LETHE_TYPING_FILTER;
    lethe_input_set(&desk->filter, desk->filter.text[0] ? desk->filter.text : "");
}

static void act_zoom(struct lethe_desk *desk, uint32_t code)
{
    (void)code;
    desk->screen.zoom = !desk->screen.zoom;
}

static void act_present(struct lethe_desk *desk, uint32_t code)
{
    (void)code;
    lethe_desk_run(desk, desk->view->staging.on ? "present off" : "present on", 0);
}

static void act_help(struct lethe_desk *desk, uint32_t code)
{
    (void)code;
    lethe_desk_list_keys(desk, 1);
    snprintf(desk->title, sizeof desk->title, "Keys of the %s pane",
             lethe_panes[desk->screen.focus]->name);
    desk->screen.title = desk->title;
    desk->screen.scroll = 0;
    desk->screen.overlay = LETHE_OVERLAY_HELP;
}

static void act_method(struct lethe_desk *desk, uint32_t code)
{
    (void)code;
    lethe_desk_methods_open(desk);
}

static void act_palette(struct lethe_desk *desk, uint32_t code)
{
    (void)code;
    lethe_desk_palette_open(desk);
}

static void act_quit(struct lethe_desk *desk, uint32_t code)
{
    (void)code;
    lethe_desk_do(desk, "quit", 0);
}

static void act_plot(struct lethe_desk *desk, uint32_t code)
{
    size_t count = desk->view->plot_count, at = desk->screen.cursor[LETHE_PANE_PLOT];
    int shown = desk->screen.focus == LETHE_PANE_PLOT;
    lethe_layout_focus(&desk->screen, desk->canvas.rows, desk->canvas.cols, LETHE_PANE_PLOT);
    if (shown && count)
        lethe_desk_move_to(desk, (at + (code == 'P' ? count - 1 : 1)) % count);
}

static void act_explain(struct lethe_desk *desk, uint32_t code)
{
    (void)code;
    lethe_desk_explain(desk);
}

static void act_cancel(struct lethe_desk *desk, uint32_t code)
{
    (void)code;
    lethe_desk_run(desk, "cancel", 0);
}

static void act_close(struct lethe_desk *desk, uint32_t code)
{
    (void)code;
    if (desk->filter.length)
        lethe_input_set(&desk->filter, "");
    else if (desk->view->staging.on)
        act_present(desk, code);
    else if (desk->screen.zoom)
        desk->screen.zoom = 0;
    lethe_desk_say(desk, 0, "%s", "");
}

static const struct row rows[] = {
    {LETHE_KEY_TAB, LETHE_KEY_BACKTAB, "Tab", "pane", "next pane; Shift-Tab the one before", 0,
     NULL, act_focus_next},
    {LETHE_KEY_LEFT, 'h', "←→", "slide", "move the slider by one step; also h and l", 0, NULL,
     act_slide},
    {LETHE_KEY_RIGHT, 'l', NULL, NULL, NULL, 0, NULL, act_slide},
    {'H', LETHE_KEY_SHIFT_LEFT, "H L", NULL, "move the slider by several steps", 0, NULL,
     act_slide},
    {'L', LETHE_KEY_SHIFT_RIGHT, NULL, NULL, NULL, 0, NULL, act_slide},
    {'b', 0, "b", NULL, "the arrows set the blanket size, or the number before of a method", 0,
     NULL, act_pick_slider},
    {'d', 0, "d", NULL, "the arrows set the damping, or the next number of a method", 0, NULL,
     act_pick_slider},
    {'m', 0, "m", "method", "choose how the removal is made: the Newton step, or a rival", 0,
     "method", act_method},
    {LETHE_KEY_UP, 'k', "↑↓", NULL, "move the cursor; also k and j", 1, NULL, act_move},
    {LETHE_KEY_DOWN, 'j', NULL, NULL, NULL, 1, NULL, act_move},
    {LETHE_KEY_PAGE_UP, LETHE_KEY_PAGE_DOWN, "PgUp", NULL, "a page up; PgDn a page down", 1, NULL,
     act_page},
    {LETHE_KEY_HOME, LETHE_KEY_END, "Home", NULL, "first row; End the last", 1, NULL, act_ends},
    {'s', 0, "s", "select", "perturb and select units for the forget set", 0, "select", NULL},
    {'v', 0, "v", "preview", "what the removal would do", 0, "preview", NULL},
    {LETHE_KEY_ENTER, 0, "Enter", NULL, "the same, where Enter has no other use", 0, "preview",
     NULL},
    {'c', 0, "c", "commit", "keep the preview as a new state", 0, "commit", act_commit},
    {'r', 0, "r", "retrain", "retrain from the old weights, in the background", 0, "retrain warm &",
     NULL},
    {'u', 0, "u", "undo", "back to the state before", 0, "undo", NULL},
    {'U', LETHE_CTRL('r'), "U", NULL, "forward again; also Ctrl-R", 0, "redo", NULL},
    {'R', 0, "R", NULL, "retrain from scratch, in the background", 0, "retrain cold &", NULL},
    {'a', 0, "a", NULL, "the blanket size the selection itself stopped at", 0, "blanket auto",
     NULL},
    {'A', 0, "A", NULL, "all units and groups: the step of the whole network", 0, "blanket all",
     NULL},
    {'g', 0, "g", NULL, "the surface over blanket size and damping, coarse first", 0,
     "surface coarse; surface &", NULL},
    {'p', 'P', "p", "plot", "next plot; P the one before", 0, NULL, act_plot},
    {'/', 0, "/", NULL, "filter the samples: an id, class:7, forget, wrong", 0, NULL, act_filter},
    {'z', 0, "z", "zoom", "give the pane the whole screen, or give it back", 0, NULL, act_zoom},
    {'F', 0, "F", NULL, "present this pane to an audience: more space, more contrast; again: back",
     0, "present", act_present},
    {':', 0, ":", "command", "type a command; Tab completes", 0, NULL, act_command},
    {'e', 0, "e", "explain", "what the figure under the cursor means, with its number", 0, NULL,
     act_explain},
    {LETHE_CTRL('p'), 0, "Ctrl-P", NULL, "find a command by some of its letters", 0, NULL,
     act_palette},
    {'?', 0, "?", "help", "these keys", 0, NULL, act_help},
    {LETHE_KEY_ESC, 0, "Esc", NULL, "close, clear the filter, leave presenting and zoom", 0, NULL,
     act_close},
    {LETHE_CTRL('c'), 0, "Ctrl-C", NULL, "cancel what is running", 0, NULL, act_cancel},
    {'q', 0, "q", "quit", "leave; asks when something would be lost", 0, NULL, act_quit},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

/* A key of the focused pane or one of the rows above; the other is NULL. */
struct binding {
    const struct lethe_pane_key *own;
    const struct row *row;
};

/* The keys that apply in the focused pane: Tab, its own, the others. The first one wins. */
static size_t bindings(struct binding out[LETHE_DESK_KEYS], const struct lethe_desk *desk)
{
    const struct lethe_pane_ops *pane = lethe_panes[desk->screen.focus];
    size_t count = 0;
    out[count++] = (struct binding){.row = &rows[0]};
    for (const struct lethe_pane_key *own = pane->keys;
         own && own->code && count < LETHE_DESK_KEYS - ROWS; own++)
        out[count++] = (struct binding){.own = own};
    for (int k = 1; k < ROWS; k++)
        if (pane->rows || !rows[k].lists)
            out[count++] = (struct binding){.row = &rows[k]};
    return count;
}

static int is_for(struct binding key, uint32_t code)
{
    const uint32_t first = key.own ? key.own->code : key.row->code;
    const uint32_t twin = key.own ? key.own->twin : key.row->twin;
    return code == first || (twin && code == twin);
}

static struct lethe_view_entry entry_of(const struct lethe_desk *desk, struct binding key)
{
    const char *command = key.own ? key.own->command : key.row->command;
    const char *off = command ? desk->host->refusal(desk->host->self, command) : NULL;
    if (key.own)
        return (struct lethe_view_entry){key.own->key, key.own->label, key.own->help, off};
    return (struct lethe_view_entry){key.row->key, key.row->label, key.row->help, off};
}

void lethe_desk_list_keys(struct lethe_desk *desk, int all)
{
    struct lethe_view_entry *entries = all ? desk->help : desk->keys;
    struct binding keys[LETHE_DESK_KEYS];
    const size_t bound = bindings(keys, desk);
    size_t count = 0;
    for (size_t k = 0; k < bound; k++) {
        struct lethe_view_entry entry = entry_of(desk, keys[k]);
        size_t first = 0;
        while (!is_for(keys[first], keys[k].own ? keys[k].own->code : keys[k].row->code))
            first++;
        if (first < k || !(all ? entry.key : entry.name))
            continue;
        entry.name = entry.name ? entry.name : "";
        entries[count++] = entry;
    }
    if (all) {
        desk->screen.entries = entries;
        desk->screen.entry_count = count;
    } else {
        desk->screen.keys = entries;
        desk->screen.key_count = count;
    }
}

void lethe_desk_grant(struct lethe_desk *desk, const struct lethe_pane_request *ask)
{
    if (*ask->refusal)
        lethe_desk_say(desk, 1, "%s", ask->refusal);
    if (*ask->line)
        lethe_desk_run(desk, ask->line, 0);
    if (ask->down)
        lethe_desk_move(desk, ask->down);
    if (ask->slides)
        lethe_desk_slide(desk, ask->slider, ask->steps);
}

static void act_own(struct lethe_desk *desk, const struct lethe_pane_key *key, uint32_t code)
{
    struct lethe_pane_request ask = {0};
    key->act(&ask, desk->view, &desk->screen, code);
    lethe_desk_grant(desk, &ask);
}

/* A digit begins the line that sets the slider. */
static void type_digit(struct lethe_desk *desk, int digit)
{
    const struct lethe_view *view = desk->view;
    const enum lethe_slider slider = desk->screen.slider;
    char line[128];
    if (slider == LETHE_SLIDER_PARAM && desk->screen.param < view->method_param_count)
        snprintf(line, sizeof line, "method %s %s=%c", view->unlearning,
                 view->method_params[desk->screen.param].key, digit);
    else
        snprintf(line, sizeof line, "%s %c", slider == LETHE_SLIDER_BLANKET ? "blanket" : "damping",
                 digit);
    lethe_desk_type(desk, line);
}

/* A key that another pane has: which one; of several that are on the screen or not, the first. */
static const char *pane_with(uint32_t code)
{
    for (int k = 0; k < LETHE_PANES; k++)
        for (const struct lethe_pane_key *key = lethe_panes[k]->keys; key && key->code; key++)
            if (key->key && (key->code == code || key->twin == code))
                return lethe_panes[k]->title;
    return NULL;
}

static void say_unknown(struct lethe_desk *desk, uint32_t code)
{
    const char *pane = pane_with(code);
    if (pane)
        lethe_desk_say(desk, 0, "this is a key of the %s pane: Tab or a click goes there", pane);
    else
        lethe_desk_say(desk, 0, "no such key here; ? shows the keys of this pane");
}

void lethe_desk_command_key(struct lethe_desk *desk, struct lethe_key key)
{
    if (key.code >= '0' && key.code <= '9') {
        type_digit(desk, (int)key.code);
        return;
    }
    struct binding keys[LETHE_DESK_KEYS], *at = keys;
    const struct binding *end = keys + bindings(keys, desk);
    while (at < end && !is_for(*at, key.code))
        at++;
    if (at == end) {
        say_unknown(desk, key.code);
        return;
    }
    const char *command = at->own ? at->own->command : at->row->command;
    const char *why = entry_of(desk, *at).off;
    if (why)
        lethe_desk_say(desk, 1, "%.*s: %s", (int)strcspn(command, " "), command, why);
    else if (at->own && at->own->act)
        act_own(desk, at->own, key.code);
    else if (at->row && at->row->act)
        at->row->act(desk, key.code);
    else
        lethe_desk_run(desk, command, 0);
}
