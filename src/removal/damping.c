/* SPDX-License-Identifier: MIT
 * What damping "auto" stands for. */
#include "removal/damping.h"

#include <string.h>

double lethe_damping_auto(const struct lethe_snapshot *snapshot)
{
    const size_t n = snapshot->trained_on - snapshot->forget.count;
    const double time = lethe_train_time(&snapshot->warm, n);
    return time > 0 ? 1 / time : 0;
}

int lethe_damping_is_auto(const struct lethe_settings *settings)
{
    return !strcmp(settings->text[LETHE_SET_DAMPING], "auto");
}

double lethe_damping_of(const struct lethe_settings *settings,
                        const struct lethe_snapshot *snapshot)
{
    return lethe_damping_is_auto(settings) ? lethe_damping_auto(snapshot)
                                           : lethe_settings_real(settings, LETHE_SET_DAMPING);
}
