/* SPDX-License-Identifier: MIT
 * A host that remembers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/fake_host.h"
#include "tests/support/screen_fixture.h"

static enum lethe_err execute(void *self, const char *line, const char **text,
                              struct lethe_error *err)
{
    struct fake_host *fake = self;
    size_t id;
    snprintf(fake->lines[fake->line_count++ % 64], 96, "%s", line);
    if (fake->fails) {
        fake->fails = 0;
        return lethe_fail(err, LETHE_EARG, "%s: not this time", line);
    }
    if (sscanf(line, "blanket %zu", &fake->view.blanket_size) == 1)
        fake->view.previewed = 1;
    sscanf(line, "damping %lf", &fake->view.damping);
    if (sscanf(line, "forget add %zu", &id) == 1 && id < fake->view.sample_count)
        fake->samples[id].forget = 1;
    if (sscanf(line, "forget remove %zu", &id) == 1 && id < fake->view.sample_count)
        fake->samples[id].forget = 0;
    *text = fake->answer ? fake->answer : "ok\n";
    return LETHE_OK;
}

static size_t complete(void *self, const char *line, size_t cursor, const char *const **candidates,
                       size_t *from)
{
    (void)self;
    static const char *const commands[] = {"damping", "data", "diff"};
    static const char *found[3];
    size_t count = 0;
    *from = 0;
    if (!memchr(line, ' ', cursor))
        for (size_t k = 0; k < 3; k++)
            if (strncmp(commands[k], line, cursor) == 0)
                found[count++] = commands[k];
    *candidates = found;
    return count;
}

static const struct lethe_view_entry *commands(void *self, size_t *count)
{
    (void)self;
    static const struct lethe_view_entry entries[] = {
        {"", "commit [message]", "keep the preview as a new state", NULL},
        {"", "compare selectors", "what other selectors would do", NULL},
        {"", "preview", "what the removal would do", NULL},
        {"", "undo", "go back to the state before", "nothing to undo"},
    };
    *count = 4;
    return entries;
}

static const char *refusal(void *self, const char *line)
{
    const struct fake_host *fake = self;
    return fake->refused && strncmp(line, fake->refused, strlen(fake->refused)) == 0
               ? "not possible now"
               : NULL;
}

static const struct lethe_view *view(void *self, size_t sample)
{
    (void)sample;
    return &((struct fake_host *)self)->view;
}

static int news(void *self, const char **text)
{
    struct fake_host *fake = self;
    if (!fake->news)
        return 0;
    *text = fake->news;
    fake->news = NULL;
    return fake->news_fails ? -1 : 1;
}

static const char *news_command(void *self)
{
    const struct fake_host *fake = self;
    return fake->news_command ? fake->news_command : "";
}

static int fd(void *self)
{
    (void)self;
    return -1;
}

static void deliver(void *self)
{
    (void)self;
}

static char *picture(void *self, size_t *size)
{
    (void)self;
    *size = 0;
    return NULL;
}

static int busy(void *self)
{
    (void)self;
    return 0;
}

static void seen(void *self, unsigned panes, const char *plot)
{
    struct fake_host *fake = self;
    (void)panes;
    snprintf(fake->shown, sizeof fake->shown, "%s", plot ? plot : "");
}

void fake_host_init(struct fake_host *fake, struct lethe_host *host)
{
    memset(fake, 0, sizeof *fake);
    fake->view = *screen_fixture();
    memcpy(fake->samples, fake->view.samples, fake->view.sample_count * sizeof *fake->view.samples);
    fake->view.samples = fake->samples;
    *host =
        (struct lethe_host){fake, execute, complete, commands, refusal, view,         news, picture,
                            fd,   deliver, busy,     seen,     NULL,    news_command, NULL};
}

const char *fake_host_last(const struct fake_host *fake)
{
    return fake->line_count ? fake->lines[(fake->line_count - 1) % 64] : "";
}
