/* SPDX-License-Identifier: MIT
 * Canvas to curses, curses to keys. The terminal is the one global of the user interface; it lives
 * here. Raw mode: Ctrl-C and Ctrl-Z arrive as keys, so that they are handled in order with the
 * others. newterm is used because initscr ends the process when TERM is unknown. */
#include <errno.h>
#include <langinfo.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <term.h>

#include "base/alloc.h"
#include "ui/term/curses.h"
#include "ui/term/glyph.h"
#include "ui/term/probe.h"
#include "ui/term/signals.h"

static struct {
    SCREEN *screen;
    struct lethe_display display;
    struct lethe_canvas shown; /* what the terminal shows; cells NULL: unknown */
    int pairs;                 /* colour pairs made so far */
    short (*pair_colours)[2];  /* (pair_room): foreground and background of each */
    int pair_room;
    int cursor_shown;
    int sixel; /* -1: it says no, 1: yes, 0: not asked yet */
} state;

/* What brings the terminal back after a crash: mouse off, keypad off, colours off, cursor shown,
 * main screen. */
static void restore_text(char *out, size_t room)
{
    const char *parts[] = {"\033[?1002l\033[?1006l",
                           keypad_local,
                           exit_attribute_mode,
                           orig_pair,
                           cursor_normal,
                           exit_ca_mode};
    size_t used = 0;
    for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++)
        if (parts[k] && used + strlen(parts[k]) < room) {
            memcpy(out + used, parts[k], strlen(parts[k]));
            used += strlen(parts[k]);
        }
    out[used] = 0;
}

static void mouse(int on)
{
    const char *name = termname();
    if (!name ||
        (strncmp(name, "xterm", 5) && strncmp(name, "tmux", 4) && strncmp(name, "screen", 6)))
        return;
    /* 1002: presses and movement while a button is down; curses itself asks for presses only. */
    fputs(on ? "\033[?1002h\033[?1006h" : "\033[?1002l\033[?1006l", stdout);
    fflush(stdout);
}

static void start_colours(void)
{
    if (!state.display.colours || start_color() == ERR)
        return;
    use_default_colors();
    state.pair_room = COLOR_PAIRS < 32767 ? COLOR_PAIRS : 32767;
    state.pair_room = state.pair_room < 4096 ? state.pair_room : 4096;
    state.pair_colours = lethe_alloc_zero((size_t)state.pair_room, sizeof *state.pair_colours);
    if (!state.pair_colours)
        state.display.colours = 0;
    state.pairs = 1;
}

enum lethe_err lethe_curses_start(const struct lethe_curses_options *options,
                                  struct lethe_error *err)
{
    struct lethe_terminal_facts facts = {.term = options->term,
                                         .codeset = options->ascii ? "ASCII" : nl_langinfo(CODESET),
                                         .is_terminal = isatty(0) && isatty(1),
                                         .no_color = options->no_color};
    int found = 0;
    if (facts.is_terminal && facts.term && *facts.term &&
        setupterm(facts.term, STDOUT_FILENO, &found) == OK) {
        facts.known = 1;
        facts.addressable = cursor_address != NULL;
        facts.colours = max_colors;
    }
    char restore[256] = "";
    if (facts.known) {
        restore_text(restore, sizeof restore);
        del_curterm(cur_term); /* newterm makes its own */
    }
    const char *refusal = lethe_probe_refusal(&facts);
    if (refusal)
        return lethe_fail(err, LETHE_EARG, "%s", refusal);
    state.display = lethe_probe_display(&facts);
    enum lethe_err code = lethe_signals_start(STDOUT_FILENO, restore, err);
    if (code)
        return code;
    state.screen = newterm(facts.term, stdout, stdin);
    if (!state.screen) {
        lethe_signals_stop();
        return lethe_fail(err, LETHE_EIO, "cannot start the terminal '%s'", facts.term);
    }
    raw();
    noecho();
    nonl();
    curs_set(0);
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    set_escdelay(25);
    leaveok(stdscr, TRUE);
    start_colours();
    mousemask(BUTTON1_PRESSED | BUTTON1_RELEASED | BUTTON4_PRESSED | BUTTON5_PRESSED |
                  REPORT_MOUSE_POSITION,
              NULL);
    mouseinterval(0);
    mouse(1);
    return LETHE_OK;
}

void lethe_curses_stop(void)
{
    if (!state.screen)
        return;
    mouse(0);
    endwin();
    delscreen(state.screen);
    lethe_signals_stop();
    lethe_canvas_release(&state.shown);
    lethe_free(state.pair_colours);
    memset(&state, 0, sizeof state);
}

struct lethe_display lethe_curses_display(void)
{
    return state.display;
}

void lethe_curses_size(int *rows, int *cols)
{
    *rows = LINES;
    *cols = COLS;
}

void lethe_curses_resize(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col)
        resizeterm(size.ws_row, size.ws_col);
    lethe_curses_forget();
}

void lethe_curses_forget(void)
{
    lethe_canvas_release(&state.shown);
    clearok(curscr, TRUE);
}

/* The pair with these colours, made when it is first needed. 0 when there is no room for more. */
static short pair_of(int fg, int bg)
{
    if (!state.display.colours || (fg < 0 && bg < 0))
        return 0;
    for (int k = 1; k < state.pairs; k++)
        if (state.pair_colours[k][0] == fg && state.pair_colours[k][1] == bg)
            return (short)k;
    if (state.pairs >= state.pair_room ||
        init_pair((short)state.pairs, (short)fg, (short)bg) == ERR)
        return 0;
    state.pair_colours[state.pairs][0] = (short)fg;
    state.pair_colours[state.pairs][1] = (short)bg;
    return (short)state.pairs++;
}

static attr_t attributes_of(unsigned attributes)
{
    attr_t out = A_NORMAL;
    out |= attributes & LETHE_BOLD ? A_BOLD : A_NORMAL;
    out |= attributes & LETHE_FAINT ? A_DIM : A_NORMAL;
    out |= attributes & LETHE_REVERSE ? A_REVERSE : A_NORMAL;
    out |= attributes & LETHE_UNDERLINE ? A_UNDERLINE : A_NORMAL;
    return out;
}

static void show_cell(int y, int x, struct lethe_cell cell)
{
    if (cell.glyph == 0)
        return; /* the right half came with the left one */
    struct lethe_paint paint = lethe_theme_paint(cell.ink, cell.paper, state.display.colours);
    wchar_t text[2] = {(wchar_t)cell.glyph, 0};
    if (state.display.charset == LETHE_ASCII)
        text[0] = (wchar_t)lethe_glyph_ascii(cell.glyph);
    cchar_t shown;
    setcchar(&shown, text, attributes_of(paint.attributes), pair_of(paint.fg, paint.bg), NULL);
    mvadd_wch(y, x, &shown);
}

void lethe_curses_show(const struct lethe_canvas *canvas)
{
    struct lethe_canvas *shown = &state.shown;
    int known = shown->cells && shown->rows == canvas->rows && shown->cols == canvas->cols;
    size_t count = (size_t)canvas->rows * (size_t)canvas->cols;
    for (size_t k = 0; k < count; k++)
        if (!known || memcmp(&shown->cells[k], &canvas->cells[k], sizeof canvas->cells[k]) != 0)
            show_cell((int)(k / (size_t)canvas->cols), (int)(k % (size_t)canvas->cols),
                      canvas->cells[k]);
    if (canvas->cursor_y >= 0) {
        leaveok(stdscr, FALSE);
        move(canvas->cursor_y, canvas->cursor_x);
    }
    refresh();
    if ((canvas->cursor_y >= 0) != state.cursor_shown) {
        state.cursor_shown = canvas->cursor_y >= 0;
        curs_set(state.cursor_shown);
        leaveok(stdscr, !state.cursor_shown);
    }
    if (!known) {
        lethe_canvas_release(shown);
        if (lethe_canvas_init(shown, canvas->rows, canvas->cols, canvas->display, NULL) != LETHE_OK)
            return; /* everything is written again next time */
    }
    memcpy(shown->cells, canvas->cells, count * sizeof *canvas->cells);
}

/* Waits for input, and no longer than that many milliseconds (-1: for ever, or until a signal). */
static int input_waits(int milliseconds)
{
    struct pollfd wait[] = {{STDIN_FILENO, POLLIN, 0}, {lethe_signals_fd(), POLLIN, 0}};
    return poll(wait, 2, milliseconds) > 0 && wait[0].revents & POLLIN;
}

static void write_all(const char *text, size_t size)
{
    while (size > 0) {
        const ssize_t written = write(STDOUT_FILENO, text, size);
        if (written <= 0 && errno != EINTR)
            return;
        text += written > 0 ? written : 0;
        size -= written > 0 ? (size_t)written : 0;
    }
}

int lethe_curses_shows_sixel(void)
{
    enum { PATIENCE = 300 };
    char answer[128] = "";
    size_t used = 0;
    if (state.sixel)
        return state.sixel > 0;
    write_all("\033[c", 3);
    while (used + 1 < sizeof answer && !strchr(answer, 'c') && input_waits(PATIENCE)) {
        if (read(STDIN_FILENO, answer + used, 1) != 1)
            break;
        answer[++used] = 0;
    }
    state.sixel = lethe_probe_sixel(answer) ? 1 : -1;
    return state.sixel > 0;
}

void lethe_curses_picture(const char *picture, size_t size)
{
    static const char clear[] = "\033[0m\033[2J\033[H", note[] = "\r\n any key goes back";
    char key[32];
    write_all(clear, sizeof clear - 1);
    write_all(picture, size);
    write_all(note, sizeof note - 1);
    if (input_waits(-1)) {
        const ssize_t ignored = read(STDIN_FILENO, key, sizeof key);
        (void)ignored;
    }
    lethe_curses_forget();
}

static struct lethe_key mouse_key(void)
{
    MEVENT event;
    struct lethe_key key = {LETHE_KEY_NONE, 0, 0};
    if (getmouse(&event) != OK)
        return key;
    key.y = event.y;
    key.x = event.x;
    if (event.bstate & BUTTON1_PRESSED)
        key.code = LETHE_KEY_MOUSE_PRESS;
    else if (event.bstate & BUTTON4_PRESSED)
        key.code = LETHE_KEY_WHEEL_UP;
    else if (event.bstate & BUTTON5_PRESSED)
        key.code = LETHE_KEY_WHEEL_DOWN;
    else if (event.bstate & REPORT_MOUSE_POSITION)
        key.code = LETHE_KEY_MOUSE_DRAG;
    return key;
}

static uint32_t function_key(wint_t code)
{
    static const struct {
        wint_t curses;
        uint32_t key;
    } keys[] = {
        {KEY_UP, LETHE_KEY_UP},
        {KEY_DOWN, LETHE_KEY_DOWN},
        {KEY_LEFT, LETHE_KEY_LEFT},
        {KEY_RIGHT, LETHE_KEY_RIGHT},
        {KEY_SLEFT, LETHE_KEY_SHIFT_LEFT},
        {KEY_SRIGHT, LETHE_KEY_SHIFT_RIGHT},
        {KEY_HOME, LETHE_KEY_HOME},
        {KEY_END, LETHE_KEY_END},
        {KEY_PPAGE, LETHE_KEY_PAGE_UP},
        {KEY_NPAGE, LETHE_KEY_PAGE_DOWN},
        {KEY_BACKSPACE, LETHE_KEY_BACKSPACE},
        {KEY_DC, LETHE_KEY_DELETE},
        {KEY_BTAB, LETHE_KEY_BACKTAB},
        {KEY_ENTER, LETHE_KEY_ENTER},
    };
    for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++)
        if (keys[k].curses == code)
            return keys[k].key;
    return LETHE_KEY_NONE;
}

struct lethe_key lethe_curses_key(void)
{
    for (;;) {
        wint_t code;
        int kind = get_wch(&code);
        struct lethe_key key = {LETHE_KEY_NONE, 0, 0};
        if (kind == ERR)
            return key;
        if (kind == KEY_CODE_YES && code == KEY_MOUSE)
            key = mouse_key();
        else if (kind == KEY_CODE_YES)
            key.code = function_key(code);
        else if (code == 0x7f || code == 0x08)
            key.code = LETHE_KEY_BACKSPACE;
        else
            key.code = code == '\n' ? LETHE_KEY_ENTER : (uint32_t)code;
        if (key.code != LETHE_KEY_NONE)
            return key;
    }
}

void lethe_curses_suspend(void)
{
    mouse(0);
    endwin();
    lethe_signals_suspend();
    lethe_curses_resize();
    mouse(1);
    curs_set(state.cursor_shown);
}
