/* SPDX-License-Identifier: MIT
 * What a word means, with what the pane says about the row under the cursor: the explanation knows
 * the figures of the preview, and of everything else the pane does. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "ui/desk.h"
#include "ui/term/glyph.h"
#include "ui/view/panes.h"
#include "ui/view/sentence.h"

enum { LABEL = 9, WIDTH = 76 }; /* "meaning  " and the lines of an answer */

/* The sentence of the row under the cursor; empty where there is none. */
static void say_row(struct lethe_sentence *sentence, const struct lethe_desk *desk)
{
    const struct lethe_screen *screen = &desk->screen;
    const struct lethe_pane_ops *pane = lethe_panes[screen->focus];
    const struct lethe_view *view = desk->view;
    if (!pane->say)
        return;
    const size_t count = pane->sentences ? pane->sentences(view, screen)
                         : pane->rows    ? pane->rows(view, screen)
                                         : 0;
    size_t row = screen->cursor[screen->focus];
    for (size_t k = 0; screen->focus == LETHE_PANE_SURFACE && k < count; k++)
        if (view->surface.sizes[k] <= view->blanket_size) /* it has no cursor but the sliders */
            row = k;
    const int whole = screen->focus == LETHE_PANE_SAMPLE; /* its rows are about one thing */
    const size_t first = whole || !count ? 0 : row < count ? row : count - 1;
    const size_t end = whole || !count ? count : first + 1;
    for (size_t k = first; k < end; k++) {
        struct lethe_sentence one = {0};
        pane->say(&one, view, screen, k);
        if (*one.text)
            lethe_say(sentence, "%s%s", sentence->used ? "; " : "", one.text);
    }
}

/* A line of an answer, "now" and the sentence, broken as answers are. */
static void add_now(struct lethe_text *out, const char *sentence)
{
    int x = LABEL;
    lethe_text_add(out, "now      ");
    for (const char *at = sentence; *at;) {
        const size_t length = strcspn(at, " ");
        char word[96];
        snprintf(word, sizeof word, "%.*s", (int)length, at);
        const int columns = lethe_glyph_columns(word);
        if (x > LABEL && x + 1 + columns > WIDTH) {
            lethe_text_addf(out, "\n%*s", LABEL, "");
            x = LABEL;
        } else if (x > LABEL) {
            lethe_text_add(out, " ");
            x++;
        }
        lethe_text_add_bytes(out, at, length);
        x += columns;
        at += length + strspn(at + length, " ");
    }
    lethe_text_add(out, "\n");
}

void lethe_desk_explain(struct lethe_desk *desk)
{
    const struct lethe_pane_ops *pane = lethe_panes[desk->screen.focus];
    const char *word = pane->word_at ? pane->word_at(desk->view, &desk->screen) : NULL;
    struct lethe_sentence sentence = {0};
    struct lethe_text text = {0};
    char line[96];
    snprintf(line, sizeof line, "explain %s", word ? word : pane->word);
    say_row(&sentence, desk);
    lethe_desk_run(desk, line, 1);
    const char *end = desk->screen.overlay == LETHE_OVERLAY_TEXT && !strcmp(desk->title, line)
                          ? strchr(desk->text, '\n')
                          : NULL;
    if (!end || !*sentence.text || strncmp(end + 1, "now ", 4) == 0)
        return;
    lethe_text_add_bytes(&text, desk->text, (size_t)(end + 1 - desk->text));
    add_now(&text, sentence.text);
    lethe_text_add(&text, end + 1);
    char *whole = text.failed ? NULL : lethe_strdup(lethe_text_get(&text));
    lethe_text_release(&text);
    if (!whole)
        return;
    lethe_free(desk->text);
    desk->screen.text = desk->text = whole;
}
