/* SPDX-License-Identifier: MIT
 * From key to frame on digits-mlp, one sample to forget: the time from a slider key to the frame
 * that shows its preview, and the time drawing alone takes. No terminal: curses writes only cells
 * that changed, which is not counted.
 * usage: screen_bench [STEPS] */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tensor/blas.h"
#include "ui/desk.h"
#include "ui/tui_host.h"

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void report(const char *what, double *times, size_t n, double aim)
{
    qsort(times, n, sizeof *times, compare);
    printf("%-28s median %8.2f ms   90 %% %8.2f ms   worst %8.2f ms", what, times[n / 2],
           times[n * 9 / 10], times[n - 1]);
    if (aim > 0)
        printf("   aim %g ms: %s", aim, times[n / 2] < aim ? "met" : "missed");
    putchar('\n');
}

static void settle(struct lethe_desk *desk)
{
    const struct lethe_host *host = desk->host;
    while (host->busy(host->self)) {
        struct pollfd wait = {host->fd(host->self), POLLIN, 0};
        poll(&wait, 1, 1000);
        host->deliver(host->self);
    }
    lethe_desk_news(desk);
    lethe_desk_draw(desk);
}

static double press(struct lethe_desk *desk, uint32_t code)
{
    double start = now();
    lethe_desk_key(desk, (struct lethe_key){code, 0, 0});
    settle(desk);
    return now() - start;
}

static void measure(struct lethe_desk *desk, size_t steps, double *times)
{
    lethe_desk_run(desk, "forget add 17", 0);
    double first = press(desk, 'v');
    printf("%-28s %8.2f ms   aim 10000 ms\n", "first preview", first);
    for (size_t k = 0; k < steps; k++)
        times[k] = press(desk, k / 20 % 2 ? 'h' : 'l');
    report("blanket step to preview", times, steps, 50);
    press(desk, 'd');
    for (size_t k = 0; k < steps; k++)
        times[k] = press(desk, k / 20 % 2 ? 'h' : 'l');
    report("damping step to preview", times, steps, 50);
    for (size_t k = 0; k < steps; k++) {
        double start = now();
        lethe_desk_draw(desk);
        times[k] = now() - start;
    }
    report("drawing 250 x 70", times, steps, 0);
}

int main(int argc, char **argv)
{
    size_t steps = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 200;
    struct lethe_error err = {0};
    struct lethe_workbench *wb = NULL;
    struct lethe_tui_host *host = NULL;
    struct lethe_desk desk = {0};
    const char *text = "";
    lethe_blas_threads(1);
    double *times = calloc(steps ? steps : 1, sizeof *times);
    enum lethe_err code = times && steps ? lethe_workbench_new(&wb, &err) : LETHE_EARG;
    if (!code)
        code = lethe_tui_host_new(&host, wb, 0, &err);
    if (!code)
        code = lethe_tui_host_of(host)->execute(host, "load sample_models/digits-mlp", &text, &err);
    if (!code)
        code = lethe_desk_init(&desk, lethe_tui_host_of(host), 70, 250,
                               (struct lethe_display){LETHE_BRAILLE, 256}, &err);
    if (code)
        fprintf(stderr, "screen_bench: %s\n", err.message);
    else
        measure(&desk, steps, times);
    lethe_desk_release(&desk);
    lethe_tui_host_free(host);
    lethe_workbench_free(wb);
    free(times);
    return code ? 1 : 0;
}
