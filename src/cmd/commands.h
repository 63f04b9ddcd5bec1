/* SPDX-License-Identifier: MIT
 * The commands there are. X(name) stands for `lethe_command_name`, the row beside its code. */
#ifndef LETHE_CMD_COMMANDS_H
#define LETHE_CMD_COMMANDS_H

#include "text/command.h"

#define LETHE_COMMANDS(X)                                                                          \
    X(load)                                                                                        \
    X(data)                                                                                        \
    X(info)                                                                                        \
    X(layers)                                                                                      \
    X(evaluate)                                                                                    \
    X(export)                                                                                      \
    X(head)                                                                                        \
    X(smooth)                                                                                      \
    X(weights)                                                                                     \
    X(train)                                                                                       \
    X(retrain)                                                                                     \
    X(jobs)                                                                                        \
    X(cancel)                                                                                      \
    X(wait)                                                                                        \
    X(forget)                                                                                      \
    X(generate)                                                                                    \
    X(perturb)                                                                                     \
    X(select)                                                                                      \
    X(scores)                                                                                      \
    X(blanket)                                                                                     \
    X(why)                                                                                         \
    X(null)                                                                                        \
    X(stability)                                                                                   \
    X(method)                                                                                      \
    X(tune)                                                                                        \
    X(damping)                                                                                     \
    X(curvature)                                                                                   \
    X(form)                                                                                        \
    X(update)                                                                                      \
    X(noise)                                                                                       \
    X(preview)                                                                                     \
    X(compare)                                                                                     \
    X(surface)                                                                                     \
    X(leverage)                                                                                    \
    X(metrics)                                                                                     \
    X(retrieval)                                                                                   \
    X(spurious)                                                                                    \
    X(baseline)                                                                                    \
    X(audit)                                                                                       \
    X(certificate)                                                                                 \
    X(commit)                                                                                      \
    X(remove_each)                                                                                 \
    X(undo)                                                                                        \
    X(redo)                                                                                        \
    X(log)                                                                                         \
    X(diff)                                                                                        \
    X(branch)                                                                                      \
    X(checkout)                                                                                    \
    X(save)                                                                                        \
    X(open)                                                                                        \
    X(replay)                                                                                      \
    X(report)                                                                                      \
    X(seal)                                                                                        \
    X(activation)                                                                                  \
    X(gradients)                                                                                   \
    X(dump)                                                                                        \
    X(view)                                                                                        \
    X(trail)                                                                                       \
    X(plot)                                                                                        \
    X(codec)                                                                                       \
    X(foci)                                                                                        \
    X(set)                                                                                         \
    X(show)                                                                                        \
    X(source)                                                                                      \
    X(lesson)                                                                                      \
    X(present)                                                                                     \
    X(caption)                                                                                     \
    X(spotlight)                                                                                   \
    X(record)                                                                                      \
    X(play)                                                                                        \
    X(explain)                                                                                     \
    X(help)                                                                                        \
    X(quit)

#define LETHE_COMMAND_DECLARE(name) extern const struct lethe_command lethe_command_##name;
LETHE_COMMANDS(LETHE_COMMAND_DECLARE)

#endif
