/* SPDX-License-Identifier: MIT
 * From key to frame with one sample to forget: the time from a slider key to the frame that shows
 * figures of its preview (a first look where the whole takes long), to the frame that shows them
 * all, and the time drawing alone takes. Models: digits-mlp, and the ResNet-20 of
 * sessions/bundles/cifar-resnet20 when its files are there. No terminal: curses writes only cells
 * that changed, which is not counted. Of sample_models/rings: from the key to the plane that shows
 * the step.
 * usage: screen_bench [STEPS]; a promise is judged by the 95 % point */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "data/data_folder.h"
#include "tensor/blas.h"
#include "tests/support/promise.h"
#include "ui/desk.h"
#include "ui/tui_host.h"

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static int has_figures(const struct lethe_desk *desk)
{
    return desk->view->figure_count && desk->view->previewed;
}

/* Until nothing is computed on either lane, or only until the panes have figures of a preview. */
static void settle(struct lethe_desk *desk, int only_figures)
{
    const struct lethe_host *host = desk->host;
    lethe_desk_draw(desk);
    while (host->busy(host->self) && !(only_figures && has_figures(desk))) {
        struct pollfd wait = {host->fd(host->self), POLLIN, 0};
        poll(&wait, 1, 1000);
        host->deliver(host->self);
        lethe_desk_news(desk);
        lethe_desk_draw(desk);
    }
}

struct times {
    double *first, *full;
};

static void press(double times[2], struct lethe_desk *desk, uint32_t code)
{
    double start = now();
    lethe_desk_key(desk, (struct lethe_key){code, 0, 0});
    settle(desk, 1);
    times[0] = now() - start;
    settle(desk, 0);
    times[1] = now() - start;
}

static void slide(struct lethe_desk *desk, const char *what, size_t steps, struct times times,
                  double aim)
{
    char text[64];
    for (size_t k = 0; k < steps; k++) {
        double both[2];
        press(both, desk, k / 20 % 2 ? 'h' : 'l');
        times.first[k] = both[0];
        times.full[k] = both[1];
    }
    snprintf(text, sizeof text, "%s to figures", what);
    promise_print(text, times.first, steps, aim);
    snprintf(text, sizeof text, "%s until idle", what);
    promise_print(text, times.full, steps, 0);
}

static void measure(struct lethe_desk *desk, size_t steps, struct times times, double aim)
{
    double first[2];
    settle(desk, 0);
    lethe_desk_run(desk, "forget add 17", 0);
    press(first, desk, 'v');
    printf("%-28s %8.2f ms to figures, %.2f ms until idle\n", "first preview", first[0], first[1]);
    slide(desk, "blanket step", steps, times, aim);
    lethe_desk_key(desk, (struct lethe_key){'d', 0, 0});
    slide(desk, "damping step", steps, times, aim);
    for (size_t k = 0; k < steps; k++) {
        double start = now();
        lethe_desk_draw(desk);
        times.first[k] = now() - start;
    }
    promise_print("drawing 250 x 70", times.first, steps, 0);
}

/* From a slider key to the frame whose plane shows the step: its boundary and its shade. */
static void measure_plane(struct lethe_desk *desk, const struct lethe_workbench *wb, size_t steps,
                          struct times times)
{
    settle(desk, 0);
    lethe_desk_run(desk, "forget add 57", 0);
    lethe_desk_run(desk, "blanket all", 0);
    lethe_desk_key(desk, (struct lethe_key){'d', 0, 0});
    lethe_desk_key(desk, (struct lethe_key){'v', 0, 0});
    settle(desk, 0);
    for (size_t k = 0; k < steps; k++) {
        const double start = now();
        lethe_desk_key(desk, (struct lethe_key){k / 15 % 2 ? 'h' : 'l', 0, 0});
        lethe_desk_draw(desk);
        while (desk->host->busy(desk->host->self) || !lethe_plane_view_current(wb)) {
            struct pollfd wait = {desk->host->fd(desk->host->self), POLLIN, 0};
            poll(&wait, 1, 1000);
            desk->host->deliver(desk->host->self);
            lethe_desk_draw(desk);
            if (lethe_plane_view_current(wb))
                break;
        }
        times.first[k] = now() - start;
        settle(desk, 0);
    }
    promise_print("damping step to plane", times.first, steps, 50);
}

/* lines are run one after the other before anything is measured. */
static int bench(const char *const *lines, size_t steps, double aim, int plane)
{
    struct lethe_error err = {0};
    struct lethe_workbench *wb = NULL;
    struct lethe_tui_host *host = NULL;
    struct lethe_desk desk = {0};
    const char *text = "";
    struct times times = {calloc(steps, sizeof(double)), calloc(steps, sizeof(double))};
    enum lethe_err code = times.first && times.full ? lethe_workbench_new(&wb, &err) : LETHE_ENOMEM;
    if (!code)
        code = lethe_tui_host_new(&host, wb, 0, &err);
    for (size_t k = 0; !code && lines[k]; k++)
        code = lethe_tui_host_of(host)->execute(host, lines[k], &text, &err);
    if (!code)
        code = lethe_desk_init(&desk, lethe_tui_host_of(host), 70, 250,
                               (struct lethe_display){LETHE_BRAILLE, 256}, &err);
    if (code)
        fprintf(stderr, "screen_bench: %s\n", err.message);
    else if (plane)
        measure_plane(&desk, wb, steps, times);
    else
        measure(&desk, steps, times, aim);
    lethe_desk_release(&desk);
    lethe_tui_host_free(host);
    lethe_workbench_free(wb);
    free(times.first);
    free(times.full);
    return code ? 1 : 0;
}

int main(int argc, char **argv)
{
    static const char *const rings[] = {"load sample_models/rings", NULL};
    static const char *const digits[] = {"load sample_models/digits-mlp", NULL};
    lethe_data_folder_set("../shared/data");
    static const char *const resnet[] = {"load sessions/bundles/cifar-resnet20", "set retrain off",
                                         "curvature ggn samples=100", "blanket 2", NULL};
    size_t steps = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 200;
    lethe_blas_threads(1);
    setvbuf(stdout, NULL, _IOLBF, 0); /* a slow machine shows how far it is */
    if (!steps)
        return 1;
    puts("rings");
    int failed = bench(rings, steps, 50, 1);
    puts("digits-mlp");
    failed |= bench(digits, steps, 50, 0);
    if (access("../shared/models/cifar10-resnet/cifar10-resnet20.onnx", R_OK))
        return failed;
    puts("cifar-resnet20");
    return failed | bench(resnet, steps < 8 ? steps : 8, 500, 0);
}
