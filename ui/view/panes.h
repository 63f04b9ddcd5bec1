/* SPDX-License-Identifier: MIT
 * The table of all panes. */
#ifndef LETHE_VIEW_PANES_H
#define LETHE_VIEW_PANES_H

#include "ui/view/pane.h"

extern const struct lethe_pane_ops *const lethe_panes[LETHE_PANES];

#endif
