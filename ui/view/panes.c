/* SPDX-License-Identifier: MIT
 * The panes there are, in the order of Tab; only the frame and the desk read this table. */
#include "ui/view/panes.h"

#define ROW(constant, name) [LETHE_PANE_##constant] = &lethe_pane_##name,
const struct lethe_pane_ops *const lethe_panes[LETHE_PANES] = {LETHE_PANE_LIST(ROW)};
