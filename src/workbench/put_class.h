/* SPDX-License-Identifier: MIT
 * A class as answers have it: its number, and beside it its name where the data have names. */
#ifndef LETHE_WORKBENCH_PUT_CLASS_H
#define LETHE_WORKBENCH_PUT_CLASS_H

#include "lethe/dataset.h"
#include "text/result.h"

/* out[key] = label and, with a name, out[name_key]; data may be NULL. */
void lethe_put_class(struct lethe_value *out, const char *key, const char *name_key,
                     const struct lethe_dataset *data, int label);

#endif
