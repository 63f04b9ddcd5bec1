/* SPDX-License-Identifier: MIT
 * A view model for tests of the screen: one removal on a small digits network, with a figure of
 * every kind (unknown, partial, warned, changed). The numbers are fixed, not computed. */
#ifndef LETHE_SUPPORT_SCREEN_FIXTURE_H
#define LETHE_SUPPORT_SCREEN_FIXTURE_H

#include "ui/view/model.h"

/* Static storage; a second call fills the same. */
const struct lethe_view *screen_fixture(void);
/* A removal by another method, with three numbers; masked: its mask is the blanket. */
void screen_fixture_method(struct lethe_view *view, int masked);
/* Nothing loaded. */
const struct lethe_view *screen_fixture_empty(void);
/* Focus on the blanket, docks in their usual order, cursors at the top. */
struct lethe_screen screen_fixture_screen(void);

#endif
