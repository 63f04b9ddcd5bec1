/* SPDX-License-Identifier: MIT
 * A host for tests of the desk: it writes down the lines it is given and lets the sliders and the
 * forget marks of the screen fixture follow them. */
#ifndef LETHE_SUPPORT_FAKE_HOST_H
#define LETHE_SUPPORT_FAKE_HOST_H

#include "ui/host.h"

struct fake_host {
    struct lethe_view view;
    struct lethe_view_sample samples[64];
    char lines[64][96]; /* every line executed, oldest first */
    size_t line_count;
    const char *answer;       /* what the next commands answer; NULL: "ok" */
    const char *refused;      /* a command that cannot run now; NULL: none */
    const char *news;         /* an answer that arrives late; NULL: none */
    const char *news_command; /* the command that answered so; NULL: unknown */
    int news_fails;           /* it is an error */
    int fails;                /* the next command fails */
    char shown[24];           /* the plot the desk shows; "": none */
};

void fake_host_init(struct fake_host *fake, struct lethe_host *host);
const char *fake_host_last(const struct fake_host *fake); /* "" before the first line */

#endif
