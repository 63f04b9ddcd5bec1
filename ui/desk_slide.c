/* SPDX-License-Identifier: MIT
 * The sliders: a step of one becomes a command line. */
#include <math.h>
#include <stdio.h>

#include "ui/desk.h"
#include "ui/view/pane.h"

static const struct lethe_view_param *param_of(const struct lethe_desk *desk)
{
    const struct lethe_view *view = desk->view;
    return desk->screen.param < view->method_param_count ? &view->method_params[desk->screen.param]
                                                         : NULL;
}

static void slide_param(struct lethe_desk *desk, long to)
{
    const struct lethe_view_param *param = param_of(desk);
    char line[160];
    if (!param || !param->step_count)
        return;
    to = to < 0 ? 0 : to >= (long)param->step_count ? (long)param->step_count - 1 : to;
    if (param->steps[to] == param->value)
        return;
    snprintf(line, sizeof line, "method %s %s=%.12g", desk->view->unlearning, param->key,
             param->steps[to]);
    lethe_desk_run(desk, line, 0);
}

static void slide(struct lethe_desk *desk, enum lethe_slider slider, long to)
{
    const struct lethe_view *view = desk->view;
    char line[64];
    if (slider == LETHE_SLIDER_PARAM) {
        slide_param(desk, to);
        return;
    }
    if (slider == LETHE_SLIDER_BLANKET) {
        long count = (long)(view->weight_count ? view->weight_count : view->blanket_count);
        const long size = (long)(view->weight_count ? view->weights : view->blanket_size);
        to = to < 0 ? 0 : to > count ? count : to;
        if (!count)
            lethe_desk_say(desk, 1, "no selection yet: press s to select units");
        if (!count || to == size)
            return;
        snprintf(line, sizeof line, "blanket %ld", to);
    } else {
        long count = (long)view->damping_count;
        to = to < 0 ? 0 : to >= count ? count - 1 : to;
        if (count < 1 || view->dampings[to] == view->damping)
            return;
        snprintf(line, sizeof line, "damping %.12g", view->dampings[to]);
    }
    lethe_desk_run(desk, line, 0);
    if (slider == LETHE_SLIDER_BLANKET && to > 0 && !view->weight_count)
        desk->screen.cursor[LETHE_PANE_BLANKET] = (size_t)to - 1; /* the cut stays in sight */
}

static long damping_step(const struct lethe_view *view)
{
    long k = 0;
    while (k + 1 < (long)view->damping_count && view->dampings[k + 1] <= view->damping * (1 + 1e-9))
        k++;
    return k;
}

void lethe_desk_slide(struct lethe_desk *desk, enum lethe_slider slider, long steps)
{
    desk->screen.slider = slider;
    const struct lethe_view *view = desk->view;
    const struct lethe_view_param *param = param_of(desk);
    long at = slider == LETHE_SLIDER_BLANKET ? (long)view->blanket_size : damping_step(view);
    if (slider == LETHE_SLIDER_PARAM)
        at = param ? (long)lethe_slider_step(param, param->value) : 0;
    if (slider == LETHE_SLIDER_BLANKET && view->weight_count) { /* thousands: a tenth of them */
        at = (long)view->weights;
        steps *= at >= 20 ? at / 10 : 1;
    }
    slide(desk, slider, at + steps);
}

void lethe_desk_slide_to(struct lethe_desk *desk, enum lethe_slider slider, double fraction)
{
    desk->screen.slider = slider;
    const struct lethe_view *view = desk->view;
    const struct lethe_view_param *param = param_of(desk);
    size_t steps = view->damping_count;
    if (slider == LETHE_SLIDER_BLANKET) /* from none to all */
        steps = 1 + (view->weight_count ? view->weight_count : view->blanket_count);
    else if (slider == LETHE_SLIDER_PARAM)
        steps = param ? param->step_count : 0;
    fraction = fraction < 0 ? 0 : fraction > 1 ? 1 : fraction;
    slide(desk, slider, lround(fraction * (double)(steps ? steps - 1 : 0)));
}
