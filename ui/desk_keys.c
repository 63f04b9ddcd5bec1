/* SPDX-License-Identifier: MIT
 * Keys that stand for commands: one table gives the key, the key bar, the help of `?` and the line
 * that is run. Rows with a command are refused with the host's own reason when it cannot run. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ui/desk.h"
#include "ui/view/layout.h"
#include "ui/view/panes.h"
#include "workbench/plot_kinds.h"

#define PANE(name) (1u << LETHE_PANE_##name)
enum {
    LISTS = PANE(LAYERS) | PANE(BLANKET) | PANE(PREVIEW) | PANE(PLOT) | PANE(SAMPLES) |
            PANE(HISTORY) | PANE(JOBS)
};

struct row {
    uint32_t code, twin;                        /* twin: a second key for the same; 0 none */
    const char *key, *label, *help;             /* label NULL: not in the key bar */
    unsigned panes;                             /* 0: every pane */
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
    do
        pane = (pane + step) % LETHE_PANES;
    while (!everywhere && layout.pane[pane].rows == 0);
    lethe_layout_focus(&desk->screen, desk->canvas.rows, desk->canvas.cols, (enum lethe_pane)pane);
}

static void act_slide(struct lethe_desk *desk, uint32_t code)
{
    enum lethe_slider slider = desk->screen.slider;
    if (desk->screen.focus == LETHE_PANE_SURFACE)
        slider = LETHE_SLIDER_DAMPING;
    int left = code == LETHE_KEY_LEFT || code == 'h' || code == LETHE_KEY_SHIFT_LEFT || code == 'H';
    int far =
        code == 'H' || code == 'L' || code == LETHE_KEY_SHIFT_LEFT || code == LETHE_KEY_SHIFT_RIGHT;
    long steps = !far ? 1 : slider == LETHE_SLIDER_BLANKET ? 5 : 2;
    lethe_desk_slide(desk, slider, left ? -steps : steps);
}

static void act_move(struct lethe_desk *desk, uint32_t code)
{
    long step = code == LETHE_KEY_UP || code == 'k' ? -1 : 1;
    if (desk->screen.focus == LETHE_PANE_SURFACE)
        lethe_desk_slide(desk, LETHE_SLIDER_BLANKET, step);
    else
        lethe_desk_move(desk, step);
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

static void act_pick_slider(struct lethe_desk *desk, uint32_t code)
{
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

static void act_picture(struct lethe_desk *desk, uint32_t code)
{
    (void)code;
    const size_t at = desk->screen.cursor[LETHE_PANE_PLOT];
    const char *kind = at < desk->view->plot_count ? desk->view->plots[at].kind : "";
    char line[64] = "";
    const struct lethe_plot_kind *known = lethe_plot_kind_find(kind);
    if (known && !known->map)
        snprintf(line, sizeof line, "plot %s term=sixel", kind);
    if (*line)
        lethe_desk_run(desk, line, 0);
    else
        lethe_desk_say(desk, 1, "no picture of this one: p goes on to the next plot");
}

static void act_mark(struct lethe_desk *desk, uint32_t code)
{
    (void)code;
    const struct lethe_screen *screen = &desk->screen;
    size_t row = screen->cursor[LETHE_PANE_SAMPLES];
    if (row >= screen->order_count)
        return;
    const struct lethe_view_sample *sample = &desk->view->samples[screen->order[row]];
    char line[64];
    snprintf(line, sizeof line, "forget %s %zu", sample->forget ? "remove" : "add", sample->id);
    lethe_desk_run(desk, line, 0);
    lethe_desk_move(desk, 1);
}

static void act_sort(struct lethe_desk *desk, uint32_t code)
{
    struct lethe_screen *screen = &desk->screen;
    if (code == 'O')
        screen->descending = !screen->descending;
    else
        screen->sort = (enum lethe_sample_sort)((screen->sort + 1) % LETHE_SORTS);
    screen->cursor[LETHE_PANE_SAMPLES] = 0;
}

static void act_take(struct lethe_desk *desk, uint32_t code)
{
    (void)code;
    long to = (long)desk->screen.cursor[LETHE_PANE_BLANKET] + 1;
    if (desk->view->weight_count) {
        lethe_desk_say(desk, 1,
                       "a blanket of single weights has no last unit: the arrows or "
                       "':blanket 10%%' set its size");
        return;
    }
    lethe_desk_slide(desk, LETHE_SLIDER_BLANKET, to - (long)desk->view->blanket_size);
}

/* The unit of the layer under the cursor that scores highest. */
static int best_unit(char *out, size_t room, const struct lethe_desk *desk)
{
    const size_t at = desk->screen.cursor[LETHE_PANE_LAYERS];
    const struct lethe_view_layer *layer =
        at < desk->view->layer_count ? &desk->view->layers[at] : NULL;
    size_t best = 0;
    if (!layer || !layer->scores || !layer->units)
        return 0;
    for (size_t u = 1; u < layer->units; u++)
        if (layer->scores[u] > layer->scores[best] || isnan(layer->scores[best]))
            best = u;
    snprintf(out, room, "%s[%zu]", layer->name, best);
    return 1;
}

static void act_why(struct lethe_desk *desk, uint32_t code)
{
    (void)code;
    char line[160], unit[128] = "";
    size_t at = desk->screen.cursor[LETHE_PANE_BLANKET];
    if (desk->screen.focus == LETHE_PANE_LAYERS)
        best_unit(unit, sizeof unit, desk);
    else if (at < desk->view->blanket_count)
        snprintf(unit, sizeof unit, "%s", desk->view->blanket[at].name);
    if (!*unit) {
        lethe_desk_say(desk, 1, "no unit under the cursor: press s to select units");
        return;
    }
    snprintf(line, sizeof line, "why %s", unit);
    lethe_desk_run(desk, line, 0);
}

/* The word for what the cursor is on. */
static const char *word_at(const struct lethe_desk *desk)
{
    static const char *const sorts[LETHE_SORTS] = {
        [LETHE_SORT_ID] = "samples",     [LETHE_SORT_LABEL] = "class",
        [LETHE_SORT_BEFORE] = "loss",    [LETHE_SORT_NOW] = "loss",
        [LETHE_SORT_RETRAIN] = "loss",   [LETHE_SORT_LEVERAGE] = "leverage",
        [LETHE_SORT_CHANGE] = "control",
    };
    static const char *const panes[LETHE_PANES] = {
        [LETHE_PANE_LAYERS] = "marginal",
        [LETHE_PANE_BLANKET] = "blanket",
        [LETHE_PANE_PREVIEW] = "preview",
        [LETHE_PANE_PLOT] = "plot pane",
        [LETHE_PANE_SURFACE] = "surface",
        [LETHE_PANE_HISTORY] = "state",
        [LETHE_PANE_JOBS] = "job",
        [LETHE_PANE_SAMPLE] = "sample pane",
        [LETHE_PANE_SAMPLES] = "samples pane",
    };
    const struct lethe_view *view = desk->view;
    const struct lethe_screen *screen = &desk->screen;
    const size_t at = screen->cursor[screen->focus];
    if (screen->focus == LETHE_PANE_PREVIEW && at < view->figure_count)
        return view->figures[at].name;
    if (screen->focus == LETHE_PANE_BLANKET && view->blanket_count && view->score_name)
        return view->score_name;
    if (screen->focus == LETHE_PANE_PLOT && at < view->plot_count)
        return view->plots[at].kind;
    if (screen->focus == LETHE_PANE_SAMPLES)
        return sorts[screen->sort];
    return panes[screen->focus];
}

static void act_explain(struct lethe_desk *desk, uint32_t code)
{
    (void)code;
    char line[96];
    snprintf(line, sizeof line, "explain %s", word_at(desk));
    lethe_desk_run(desk, line, 1);
}

static void act_checkout(struct lethe_desk *desk, uint32_t code)
{
    (void)code;
    size_t at = desk->screen.cursor[LETHE_PANE_HISTORY];
    if (at >= desk->view->commit_count)
        return;
    char line[128];
    snprintf(line, sizeof line, "checkout %s", desk->view->commits[at].id);
    lethe_desk_run(desk, line, 0);
}

static void act_cancel(struct lethe_desk *desk, uint32_t code)
{
    size_t at = desk->screen.cursor[LETHE_PANE_JOBS];
    char line[64] = "cancel";
    if (code == 'x' && at < desk->view->job_count)
        snprintf(line, sizeof line, "cancel %zu", desk->view->jobs[at].id);
    lethe_desk_run(desk, line, 0);
}

static void act_close(struct lethe_desk *desk, uint32_t code)
{
    (void)code;
    if (desk->filter.length)
        lethe_input_set(&desk->filter, "");
    else if (desk->screen.zoom)
        desk->screen.zoom = 0;
    lethe_desk_say(desk, 0, "%s", "");
}

static const struct row rows[] = {
    {LETHE_KEY_TAB, LETHE_KEY_BACKTAB, "Tab", "pane", "next pane; Shift-Tab the one before", 0,
     NULL, act_focus_next},
    {' ', 0, "Space", "mark", "forget this sample, or keep it again", PANE(SAMPLES), NULL,
     act_mark},
    {'o', 0, "o", "sort", "sort by the next column", PANE(SAMPLES), NULL, act_sort},
    {'O', 0, "O", NULL, "turn the order round", PANE(SAMPLES), NULL, act_sort},
    {LETHE_KEY_ENTER, 0, "Enter", NULL, "make the blanket end at this unit", PANE(BLANKET), NULL,
     act_take},
    {LETHE_KEY_ENTER, 0, "Enter", "go to", "check this commit out", PANE(HISTORY), NULL,
     act_checkout},
    {'x', 0, "x", "cancel", "cancel this job", PANE(JOBS), NULL, act_cancel},
    {LETHE_KEY_LEFT, 'h', "←→", "slide", "move the slider by one step; also h and l", 0, NULL,
     act_slide},
    {LETHE_KEY_RIGHT, 'l', NULL, NULL, NULL, 0, NULL, act_slide},
    {'H', LETHE_KEY_SHIFT_LEFT, "H L", NULL, "move the slider by several steps", 0, NULL,
     act_slide},
    {'L', LETHE_KEY_SHIFT_RIGHT, NULL, NULL, NULL, 0, NULL, act_slide},
    {'b', 0, "b", NULL, "the arrows and digits set the blanket size", 0, NULL, act_pick_slider},
    {'d', 0, "d", NULL, "the arrows and digits set the damping", 0, NULL, act_pick_slider},
    {LETHE_KEY_UP, 'k', "↑↓", NULL, "move the cursor; also k and j", LISTS, NULL, act_move},
    {LETHE_KEY_DOWN, 'j', NULL, NULL, NULL, LISTS, NULL, act_move},
    {LETHE_KEY_UP, 'k', "↑↓", "blanket", "blanket size; the arrows sideways set the damping",
     PANE(SURFACE), NULL, act_move},
    {LETHE_KEY_DOWN, 'j', NULL, NULL, NULL, PANE(SURFACE), NULL, act_move},
    {LETHE_KEY_PAGE_UP, LETHE_KEY_PAGE_DOWN, "PgUp", NULL, "a page up; PgDn a page down", LISTS,
     NULL, act_page},
    {LETHE_KEY_HOME, LETHE_KEY_END, "Home", NULL, "first row; End the last", LISTS, NULL, act_ends},
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
    {'w', 0, "w", "why", "activation against loss of the unit under the cursor", PANE(BLANKET),
     "why", act_why},
    {'w', 0, "w", "why", "activation against loss of the layer's best unit", PANE(LAYERS), "why",
     act_why},
    {'E', 0, "E", NULL, "leverage: how much of the curvature each sample holds", PANE(SAMPLES),
     "leverage &", NULL},
    {'S', 0, "S", NULL, "as a picture, on terminals that show sixel", PANE(PLOT), NULL,
     act_picture},
    {'g', 0, "g", NULL, "the surface over blanket size and damping, coarse first", 0,
     "surface coarse; surface &", NULL},
    {'p', 'P', "p", "plot", "next plot; P the one before", 0, NULL, act_plot},
    {'/', 0, "/", NULL, "filter the samples: an id, class:7, forget, wrong", 0, NULL, act_filter},
    {'z', 0, "z", "zoom", "give the pane the whole screen, or give it back", 0, NULL, act_zoom},
    {':', 0, ":", "command", "type a command; Tab completes", 0, NULL, act_command},
    {'e', 0, "e", "explain", "what the figure under the cursor means, with its number", 0, NULL,
     act_explain},
    {LETHE_CTRL('p'), 0, "Ctrl-P", NULL, "find a command by some of its letters", 0, NULL,
     act_palette},
    {'?', 0, "?", "help", "these keys", 0, NULL, act_help},
    {LETHE_KEY_ESC, 0, "Esc", NULL, "close, clear the filter, leave the zoom", 0, NULL, act_close},
    {LETHE_CTRL('c'), 0, "Ctrl-C", NULL, "cancel what is running", 0, NULL, act_cancel},
    {'q', 0, "q", "quit", "leave; asks when something would be lost", 0, NULL, act_quit},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static int applies(const struct row *row, enum lethe_pane pane)
{
    return row->panes == 0 || (row->panes & 1u << pane);
}

static const char *refusal(const struct lethe_desk *desk, const struct row *row)
{
    return row->command ? desk->host->refusal(desk->host->self, row->command) : NULL;
}

/* The first row for a key wins, so a row of one pane stands before the row for all. */
static const struct row *find(const struct lethe_desk *desk, uint32_t code)
{
    for (int k = 0; k < ROWS; k++)
        if (applies(&rows[k], desk->screen.focus) &&
            (rows[k].code == code || (rows[k].twin && rows[k].twin == code)))
            return &rows[k];
    return NULL;
}

void lethe_desk_list_keys(struct lethe_desk *desk, int all)
{
    struct lethe_view_entry *entries = all ? desk->help : desk->keys;
    size_t count = 0;
    for (int k = 0; k < ROWS && count < LETHE_DESK_KEYS; k++) {
        const struct row *row = &rows[k];
        int shown = all ? row->key != NULL : row->label != NULL;
        if (shown && applies(row, desk->screen.focus) && find(desk, row->code) == row)
            entries[count++] = (struct lethe_view_entry){row->key, row->label ? row->label : "",
                                                         row->help, refusal(desk, row)};
    }
    if (all) {
        desk->screen.entries = entries;
        desk->screen.entry_count = count;
    } else {
        desk->screen.keys = entries;
        desk->screen.key_count = count;
    }
}

void lethe_desk_command_key(struct lethe_desk *desk, struct lethe_key key)
{
    if (key.code >= '0' && key.code <= '9') {
        char line[32];
        snprintf(line, sizeof line, "%s %c",
                 desk->screen.slider == LETHE_SLIDER_BLANKET ? "blanket" : "damping",
                 (int)key.code);
        lethe_desk_type(desk, line);
        return;
    }
    const struct row *row = find(desk, key.code);
    if (!row) {
        lethe_desk_say(desk, 0, "no such key here; ? shows the keys of this pane");
        return;
    }
    const char *why = refusal(desk, row);
    if (why)
        lethe_desk_say(desk, 1, "%.*s: %s", (int)strcspn(row->command, " "), row->command, why);
    else if (row->act)
        row->act(desk, key.code);
    else
        lethe_desk_run(desk, row->command, 0);
}
