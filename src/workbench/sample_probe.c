/* SPDX-License-Identifier: MIT
 * The sample that is looked at, and whether what it was asked of still holds. */
#include "workbench/sample_probe.h"

#include "workbench/movable.h"
#include "workbench/put_class.h"
#include "workbench/workbench.h"

enum lethe_err lethe_sample_probe_init(struct lethe_sample_probe *of, struct lethe_workbench *wb,
                                       const struct lethe_args *args, struct lethe_error *err)
{
    const struct lethe_project *project = &wb->project;
    const size_t sample = lethe_args_count(args, "sample", project->forget.at[0]);
    if (!lethe_ids_has(&project->forget, sample))
        return lethe_fail(err, LETHE_EARG, "sample %zu is not in the forget set: 'forget list'",
                          sample);
    of->settings = wb->settings;
    struct lethe_snapshot *snapshot = wb->snapshot;
    enum lethe_err code = lethe_probe_init(&of->probe, project->graph, project->train, project->w,
                                           sample, &of->settings, err);
    if (!code && lethe_workbench_head_only(wb))
        code = lethe_workbench_snapshot(wb, &snapshot, err);
    if (!code && snapshot) {
        of->snapshot = lethe_snapshot_ref(snapshot);
        lethe_probe_confine(&of->probe, snapshot);
    }
    return code;
}

void lethe_sample_probe_release(struct lethe_sample_probe *of)
{
    lethe_probe_release(&of->probe);
    lethe_snapshot_unref(of->snapshot);
}

int lethe_sample_probe_holds(const struct lethe_sample_probe *of, const struct lethe_workbench *wb)
{
    return wb->snapshot == of->snapshot &&
           !(lethe_settings_stale(&wb->settings, &of->settings) & LETHE_PART_SELECTION);
}

void lethe_sample_probe_put(struct lethe_value *out, const struct lethe_sample_probe *of)
{
    const struct lethe_probe *probe = &of->probe;
    lethe_hint(lethe_put_count(out, "sample", probe->sample), LETHE_HINT_PLAIN);
    lethe_put_class(out, "label", "class", probe->data,
                    lethe_dataset_label(probe->data, probe->sample));
}
